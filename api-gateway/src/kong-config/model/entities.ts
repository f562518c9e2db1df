import type { ServiceAddress } from './service-address.ts';

export interface ServiceEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly address: ServiceAddress;
  /** Prefix of all upstream paths: `/users`, or `/`. */
  readonly path: string;
  /** Milliseconds; undefined for the gateway's default (UPSTREAM_CONNECT_MS). */
  readonly connectTimeoutMs: number | undefined;
  /** Milliseconds between two reads from the instance; undefined for the gateway's default. */
  readonly readTimeoutMs: number | undefined;
  /** Milliseconds between two writes to the instance; undefined for the gateway's default. */
  readonly writeTimeoutMs: number | undefined;
  /** Retries on other instances after a failure. */
  readonly retries: number;
  readonly enabled: boolean;
  readonly tags: ReadonlySet<string>;
}

/** `value` is the text of the file; for a regular expression without its `~`. */
export type RoutePath =
  | { readonly kind: 'prefix'; readonly value: string }
  | { readonly kind: 'regex'; readonly value: string; readonly pattern: RegExp };

export type RouteProtocol = 'http' | 'https';

export interface RouteEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  /** Undefined if a plugin answers all requests. */
  readonly service: ServiceEntity | undefined;
  /** Normalised prefixes, and expressions that match from the beginning; empty matches every path. */
  readonly paths: readonly RoutePath[];
  /** In upper case; undefined for all. */
  readonly methods: ReadonlySet<string> | undefined;
  /** In lower case, with or without a port; `*.a.test` and `a.*` are wildcards. Empty matches every host. */
  readonly hosts: readonly string[];
  /** By name in lower case: one of the values must match; a value that begins with `~*` is an expression. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly protocols: ReadonlySet<RouteProtocol>;
  /** Status for HTTP requests if only HTTPS is allowed: 426, or a redirect. */
  readonly httpsRedirectStatusCode: number;
  /** True removes the matched prefix from the upstream path. */
  readonly stripPath: boolean;
  /** True passes the client's Host to the service. */
  readonly preserveHost: boolean;
  readonly regexPriority: number;
  readonly tags: ReadonlySet<string>;
}

export interface TargetEntity {
  /** A UUID. */
  readonly id: string;
  /** `host:port`, or a selector of the registry's instances: `version=2.0.0`, `tag=…`, `KEY=…` of their metadata, `*` for the rest. */
  readonly target: string;
  /** 0 to 65,535, relative to the other targets of the upstream. */
  readonly weight: number;
  readonly tags: ReadonlySet<string>;
}

export type BalancingAlgorithm = 'round-robin' | 'least-connections' | 'consistent-hashing';

export type HashOn = 'none' | 'consumer' | 'ip' | 'header' | 'cookie' | 'path' | 'query_arg' | 'uri_capture';

/** When a target becomes healthy. */
export interface HealthyThresholds {
  readonly httpStatuses: ReadonlySet<number>;
  /** Consecutive successes; 0 for never. */
  readonly successes: number;
}

/** When a target becomes unhealthy: consecutive failures of each kind, 0 for never. */
export interface UnhealthyThresholds {
  readonly httpStatuses: ReadonlySet<number>;
  readonly httpFailures: number;
  readonly tcpFailures: number;
  readonly timeouts: number;
}

export interface ActiveHealthcheck {
  readonly type: 'http' | 'https' | 'tcp';
  readonly httpPath: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly timeoutMs: number;
  readonly concurrency: number;
  /** Milliseconds between two probes of a healthy target; 0 for none. */
  readonly healthy: HealthyThresholds & { readonly intervalMs: number };
  /** Milliseconds between two probes of an unhealthy one; 0 for none. */
  readonly unhealthy: UnhealthyThresholds & { readonly intervalMs: number };
}

export interface PassiveHealthcheck {
  readonly type: 'http' | 'https' | 'tcp';
  readonly healthy: HealthyThresholds;
  readonly unhealthy: UnhealthyThresholds;
}

export interface Healthchecks {
  /** Percent of the weight that must be available for the upstream to count as healthy. */
  readonly threshold: number;
  /** Undefined applies the gateway's defaults. */
  readonly active: ActiveHealthcheck | undefined;
  readonly passive: PassiveHealthcheck | undefined;
}

/** How the targets of one name share its traffic. */
export interface UpstreamEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly algorithm: BalancingAlgorithm;
  readonly hashOn: HashOn;
  /** Name of the hashed header, cookie, query argument or capture. */
  readonly hashOnName: string | undefined;
  readonly hashOnCookiePath: string;
  readonly hashFallback: HashOn;
  readonly hashFallbackName: string | undefined;
  /** The Host header of upstream requests; undefined for the target's own. */
  readonly hostHeader: string | undefined;
  /** Empty: all instances of this name in the registry. */
  readonly targets: readonly TargetEntity[];
  readonly healthchecks: Healthchecks;
  /** Plaza's own: concurrent requests at most, and waiting requests at most. */
  readonly concurrency: { readonly limit: number; readonly queue: number } | undefined;
  readonly tags: ReadonlySet<string>;
}

export interface JwtSecret {
  /** The token's `iss`, or the claim that the plugin's configuration names. */
  readonly key: string;
  readonly algorithm: string;
  readonly secret: string | undefined;
  readonly rsaPublicKey: string | undefined;
}

export interface KeyauthCredential {
  readonly key: string;
  readonly tags: ReadonlySet<string>;
}

export interface ConsumerEntity {
  /** A UUID. */
  readonly id: string;
  readonly username: string;
  readonly customId: string | undefined;
  readonly tags: ReadonlySet<string>;
  readonly jwtSecrets: readonly JwtSecret[];
  readonly keyauthCredentials: readonly KeyauthCredential[];
  /** The groups of the consumer. */
  readonly acls: readonly string[];
}

/** A plugin entry, global or limited to the entities that it names. */
export interface PluginEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly instanceName?: string | undefined;
  /** As the plugin's own schema parsed it. */
  readonly config: unknown;
  /** The text of the file: secrets are still references. */
  readonly rawConfig?: unknown;
  readonly enabled: boolean;
  /** Names. */
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  readonly consumer?: string | undefined;
  readonly tags: ReadonlySet<string>;
}

/** The declarative configuration, parsed into entities. */
export interface DeclarativeConfig {
  readonly services: readonly ServiceEntity[];
  readonly routes: readonly RouteEntity[];
  readonly upstreams: readonly UpstreamEntity[];
  readonly plugins: readonly PluginEntity[];
  readonly consumers: readonly ConsumerEntity[];
}
