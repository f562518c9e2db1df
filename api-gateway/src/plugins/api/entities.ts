/** The fields of Kong's entities that plugins read. */
export interface ServiceInfo {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly address: { readonly host: string };
  readonly tags: ReadonlySet<string>;
}

export interface RouteInfo {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  /** Undefined if a plugin answers all requests of the route. */
  readonly service: ServiceInfo | undefined;
  readonly tags: ReadonlySet<string>;
}

export interface ConsumerInfo {
  /** A UUID. */
  readonly id: string;
  readonly username: string;
  readonly customId: string | undefined;
  /** The groups of the consumer. */
  readonly acls: readonly string[];
  readonly tags: ReadonlySet<string>;
}

export interface JwtCredential {
  /** The value of `iss`, or of the claim that the plugin's configuration names. */
  readonly key: string;
  readonly algorithm: string;
  /** PEM. */
  readonly rsaPublicKey: string | undefined;
}

/** Finds the consumer of a credential. */
export interface ConsumerLookup {
  byNameOrId(usernameOrId: string | undefined): ConsumerInfo | undefined;
  byApiKey(key: string): ConsumerInfo | undefined;
  byJwtKey(key: string): { readonly consumer: ConsumerInfo; readonly credential: JwtCredential } | undefined;
}

/** The instance that a request is sent to. */
export interface EndpointInfo {
  readonly instanceId: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly version: string;
  readonly weight: number;
  readonly origin: {
    readonly href: string;
    readonly protocol: string;
    readonly host: string;
    readonly hostname: string;
    readonly port: number;
  };
  /** The target of the upstream that this instance belongs to; empty if the upstream has none. */
  readonly target: string;
  /** True if it replaces a service of which the registry has no instance. */
  readonly fallback: boolean;
  /** Requests whose response has not ended. */
  readonly activeRequests: number;
}
