import type {
  Consumer,
  Declaration,
  PluginEntry,
  Route,
  Service,
  Target,
  Upstream,
} from '../../declaration/declaration.ts';

/** What a view needs to know besides its entity. */
export interface ViewContext {
  readonly loadedAt: Date;
  /** Milliseconds of the gateway's own timeouts, where a service has none. */
  readonly timeouts: { readonly connect: number; readonly read: number; readonly write: number };
}

/** Kong's references are ids; here with what people know the entity by. */
function referenceTo(entity: { id: string; name?: string; username?: string } | undefined) {
  if (entity === undefined) return null;
  return { id: entity.id, name: entity.name ?? entity.username };
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);
const times = ({ loadedAt }: ViewContext) => ({
  created_at: seconds(loadedAt),
  updated_at: seconds(loadedAt),
});
const orNull = <Item>(items: readonly Item[]) => (items.length === 0 ? null : items);

export function serviceView(service: Service, context: ViewContext) {
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
    ...times(context),
  };
}

export function routeView(route: Route, context: ViewContext) {
  const { service, paths, methods, hosts, headers } = route;
  return {
    id: route.id,
    name: route.name,
    service: referenceTo(service),
    paths: orNull(paths.map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value))),
    methods: methods === undefined ? null : [...methods],
    hosts: orNull(hosts),
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
    ...times(context),
  };
}

export function upstreamView(upstream: Upstream, context: ViewContext) {
  const { healthchecks, hashOn, hashFallback } = upstream;
  return {
    id: upstream.id,
    name: upstream.name,
    algorithm: upstream.algorithm,
    hash_on: hashOn,
    hash_fallback: hashFallback,
    ...named('hash_on', hashOn, upstream.hashOnName),
    ...named('hash_fallback', hashFallback, upstream.hashFallbackName),
    hash_on_cookie_path: upstream.hashOnCookiePath,
    host_header: upstream.hostHeader ?? null,
    healthchecks: {
      threshold: healthchecks.threshold,
      active: healthchecks.active === undefined ? null : kongCase(healthchecks.active),
      passive: healthchecks.passive === undefined ? null : kongCase(healthchecks.passive),
    },
    concurrency: upstream.concurrency ?? null,
    slots: 10_000,
    use_srv_name: false,
    client_certificate: null,
    tags: [...upstream.tags],
    ...times(context),
  };
}

const named = (field: string, on: string, name: string | undefined) =>
  name === undefined ? {} : { [`${field}_${on}`]: name };

const MS = 1_000;

/** Kong's names and seconds for a checks' settings. */
function kongCase(value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const inMs = key.endsWith('Ms') && typeof inner === 'number';
      const name = key.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [name, inMs ? inner / MS : kongCase(inner)];
    }),
  );
}

export function targetView({ id, target, weight, tags }: Target, upstream: Upstream, context: ViewContext) {
  return {
    id,
    target,
    weight,
    upstream: referenceTo(upstream),
    tags: [...tags],
    ...times(context),
  };
}

/** @param declaration where the plugin's entry stands. */
export function pluginView(entry: PluginEntry, declaration: Declaration, context: ViewContext) {
  const { services, routes, consumers } = declaration;
  return {
    id: entry.id,
    name: entry.name,
    instance_name: entry.instanceName ?? null,
    enabled: entry.enabled,
    config: entry.written ?? {},
    service: referenceTo(services.find(({ name }) => name === entry.service)),
    route: referenceTo(routes.find(({ name }) => name === entry.route)),
    consumer: referenceTo(consumers.find(({ username }) => username === entry.consumer)),
    protocols: ['http', 'https'],
    tags: [...entry.tags],
    ...times(context),
  };
}

/** Without credentials: they are nobody's business who can read this. */
export function consumerView(consumer: Consumer, context: ViewContext) {
  return {
    id: consumer.id,
    username: consumer.username,
    custom_id: consumer.customId ?? null,
    tags: [...consumer.tags],
    ...times(context),
  };
}
