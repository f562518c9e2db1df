import type { ServiceAddress } from './service-address.ts';

export interface ServiceEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly address: ServiceAddress;
  /** What every path that is asked of it begins with: `/users`, or `/`. */
  readonly path: string;
  /** Milliseconds; undefined for the gateway's own (UPSTREAM_CONNECT_MS). */
  readonly connectTimeoutMs: number | undefined;
  /** Milliseconds in which nothing comes from the instance; undefined for the gateway's own. */
  readonly readTimeoutMs: number | undefined;
  /** Milliseconds in which the instance takes nothing; undefined for the gateway's own. */
  readonly writeTimeoutMs: number | undefined;
  /** How many other instances may be asked after one that failed. */
  readonly retries: number;
  readonly enabled: boolean;
  readonly tags: ReadonlySet<string>;
}

/** `value` is what the file says, of a regular expression without its `~`. */
export type RoutePath =
  | { readonly kind: 'prefix'; readonly value: string }
  | { readonly kind: 'regex'; readonly value: string; readonly pattern: RegExp };

export type RouteProtocol = 'http' | 'https';

export interface RouteEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  /** None where a plugin answers. */
  readonly service: ServiceEntity | undefined;
  /** Normalised prefixes, and expressions that match from the beginning; none where every path matches. */
  readonly paths: readonly RoutePath[];
  /** In capitals; undefined for all. */
  readonly methods: ReadonlySet<string> | undefined;
  /** In small letters, with a port or without; `*.a.test` and `a.*` stand for many. None where every host matches. */
  readonly hosts: readonly string[];
  /** By name in small letters, the values of which one must come; `~*` begins an expression that must match. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly protocols: ReadonlySet<RouteProtocol>;
  /** What is answered to HTTP where only HTTPS is allowed: 426, or a redirect. */
  readonly httpsRedirectStatusCode: number;
  /** Whether what matched is cut off before the service sees the path. */
  readonly stripPath: boolean;
  /** Whether the service sees the Host that the client asked for. */
  readonly preserveHost: boolean;
  readonly regexPriority: number;
  readonly tags: ReadonlySet<string>;
}

export interface TargetEntity {
  /** A UUID. */
  readonly id: string;
  /** `host:port`, or a selector of the registry's instances: `version=2.0.0`, `tag=…`, `KEY=…` of their metadata, `*` for the rest. */
  readonly target: string;
  /** 0 to 65,535; its share among the targets of its upstream. */
  readonly weight: number;
  readonly tags: ReadonlySet<string>;
}

export type BalancingAlgorithm = 'round-robin' | 'least-connections' | 'consistent-hashing';

export type HashOn = 'none' | 'consumer' | 'ip' | 'header' | 'cookie' | 'path' | 'query_arg' | 'uri_capture';

/** What makes a target healthy. */
export interface HealthyThresholds {
  readonly httpStatuses: ReadonlySet<number>;
  /** In a row; 0 for never. */
  readonly successes: number;
}

/** What makes a target unhealthy: so many in a row, 0 for never. */
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
  /** undefined where the file says nothing of them: then the gateway's own hold. */
  readonly active: ActiveHealthcheck | undefined;
  readonly passive: PassiveHealthcheck | undefined;
}

/** How those who answer for one name share its traffic. */
export interface UpstreamEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly algorithm: BalancingAlgorithm;
  readonly hashOn: HashOn;
  /** Of the header, cookie, query argument or capture. */
  readonly hashOnName: string | undefined;
  readonly hashOnCookiePath: string;
  readonly hashFallback: HashOn;
  readonly hashFallbackName: string | undefined;
  /** The Host that its targets see; undefined for their own. */
  readonly hostHeader: string | undefined;
  /** None: all that the registry knows under this name. */
  readonly targets: readonly TargetEntity[];
  readonly healthchecks: Healthchecks;
  /** Plaza's own: how many requests may be with its targets at once, and how many wait. */
  readonly concurrency: { readonly limit: number; readonly queue: number } | undefined;
  readonly tags: ReadonlySet<string>;
}

export interface JwtSecret {
  /** What the token says in its `iss`, or in the claim that the plugin names. */
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
  /** The groups that it belongs to. */
  readonly acls: readonly string[];
}

/** One plugin for everything, or for what it names. */
export interface PluginEntity {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly instanceName?: string | undefined;
  /** As the plugin's own schema parsed it. */
  readonly config: unknown;
  /** As it stands in the file, secrets as references. */
  readonly rawConfig?: unknown;
  readonly enabled: boolean;
  /** Names. */
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  readonly consumer?: string | undefined;
  readonly tags: ReadonlySet<string>;
}

/** What a gateway serves: the declarative configuration once it is read. */
export interface DeclarativeConfig {
  readonly services: readonly ServiceEntity[];
  readonly routes: readonly RouteEntity[];
  readonly upstreams: readonly UpstreamEntity[];
  readonly plugins: readonly PluginEntity[];
  readonly consumers: readonly ConsumerEntity[];
}
