import type {
  ConsumerEntity,
  DeclarativeConfig,
  PluginEntity,
  RouteEntity,
  ServiceEntity,
  TargetEntity,
  UpstreamEntity,
} from '../../kong-config/model/entities.ts';

/** The inputs of a serializer besides its entity. */
export interface SerializerContext {
  readonly loadedAt: Date;
  /** The gateway's default timeouts in milliseconds, for services without their own. */
  readonly timeouts: { readonly connect: number; readonly read: number; readonly write: number };
}

/** A reference: Kong's id, and also the entity's name. */
function referenceTo(entity: { id: string; name?: string; username?: string } | undefined) {
  if (entity === undefined) return null;
  return { id: entity.id, name: entity.name ?? entity.username };
}

const toUnixSeconds = (at: Date) => Math.floor(at.getTime() / 1_000);
const timestamps = ({ loadedAt }: SerializerContext) => ({
  created_at: toUnixSeconds(loadedAt),
  updated_at: toUnixSeconds(loadedAt),
});
const emptyToNull = <Item>(items: readonly Item[]) => (items.length === 0 ? null : items);

export function serializeService(service: ServiceEntity, context: SerializerContext) {
  const { name, address, path, retries, enabled, tags } = service;
  const secure = address.protocol === 'https:';
  return {
    id: service.id,
    name,
    enabled,
    protocol: secure ? 'https' : 'http',
    host: address.host,
    port: address.port ?? (secure ? 443 : 80),
    path: path === '/' ? null : path,
    retries,
    connect_timeout: service.connectTimeoutMs ?? context.timeouts.connect,
    read_timeout: service.readTimeoutMs ?? context.timeouts.read,
    write_timeout: service.writeTimeoutMs ?? context.timeouts.write,
    tags: [...tags],
    client_certificate: null,
    ca_certificates: null,
    tls_verify: null,
    tls_verify_depth: null,
    ...timestamps(context),
  };
}

export function serializeRoute(route: RouteEntity, context: SerializerContext) {
  const { service, paths, methods, hosts, headers } = route;
  return {
    id: route.id,
    name: route.name,
    service: referenceTo(service),
    paths: emptyToNull(paths.map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value))),
    methods: methods === undefined ? null : [...methods],
    hosts: emptyToNull(hosts),
    headers: headers.size === 0 ? null : Object.fromEntries(headers),
    protocols: [...route.protocols],
    https_redirect_status_code: route.httpsRedirectStatusCode,
    regex_priority: route.regexPriority,
    strip_path: route.stripPath,
    preserve_host: route.preserveHost,
    path_handling: 'v0',
    request_buffering: false,
    response_buffering: false,
    snis: null,
    sources: null,
    destinations: null,
    tags: [...route.tags],
    ...timestamps(context),
  };
}

export function serializeUpstream(upstream: UpstreamEntity, context: SerializerContext) {
  const { healthchecks, hashOn, hashFallback } = upstream;
  return {
    id: upstream.id,
    name: upstream.name,
    algorithm: upstream.algorithm,
    hash_on: hashOn,
    hash_fallback: hashFallback,
    ...hashNameField('hash_on', hashOn, upstream.hashOnName),
    ...hashNameField('hash_fallback', hashFallback, upstream.hashFallbackName),
    hash_on_cookie_path: upstream.hashOnCookiePath,
    host_header: upstream.hostHeader ?? null,
    healthchecks: {
      threshold: healthchecks.threshold,
      active: healthchecks.active === undefined ? null : toKongCase(healthchecks.active),
      passive: healthchecks.passive === undefined ? null : toKongCase(healthchecks.passive),
    },
    concurrency: upstream.concurrency ?? null,
    slots: 10_000,
    use_srv_name: false,
    client_certificate: null,
    tags: [...upstream.tags],
    ...timestamps(context),
  };
}

const hashNameField = (field: string, on: string, name: string | undefined) =>
  name === undefined ? {} : { [`${field}_${on}`]: name };

const MS = 1_000;

/** Health check settings with Kong's names, times in seconds. */
function toKongCase(value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const inMs = key.endsWith('Ms') && typeof inner === 'number';
      const name = key.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [name, inMs ? inner / MS : toKongCase(inner)];
    }),
  );
}

export function serializeTarget(
  { id, target, weight, tags }: TargetEntity,
  upstream: UpstreamEntity,
  context: SerializerContext,
) {
  return {
    id,
    target,
    weight,
    upstream: referenceTo(upstream),
    tags: [...tags],
    ...timestamps(context),
  };
}

/** @param config the configuration that contains the entry. */
export function serializePlugin(entry: PluginEntity, config: DeclarativeConfig, context: SerializerContext) {
  const { services, routes, consumers } = config;
  return {
    id: entry.id,
    name: entry.name,
    instance_name: entry.instanceName ?? null,
    enabled: entry.enabled,
    config: entry.rawConfig ?? {},
    service: referenceTo(services.find(({ name }) => name === entry.service)),
    route: referenceTo(routes.find(({ name }) => name === entry.route)),
    consumer: referenceTo(consumers.find(({ username }) => username === entry.consumer)),
    protocols: ['http', 'https'],
    tags: [...entry.tags],
    ...timestamps(context),
  };
}

/** Leaves out credentials: readers of the Admin API must not get them. */
export function serializeConsumer(consumer: ConsumerEntity, context: SerializerContext) {
  return {
    id: consumer.id,
    username: consumer.username,
    custom_id: consumer.customId ?? null,
    tags: [...consumer.tags],
    ...timestamps(context),
  };
}
