import { createHash } from 'node:crypto';
import type {
  Consumer,
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

/** The same for the same name, wherever the file is read: version 5 of RFC 9562, as Kong makes them. */
export function idOf(kind: string, { id, name }: { id?: string | undefined; name: string }): string {
  if (id !== undefined) return id;
  const hex = createHash('sha1').update(`plaza:${kind}:${name}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(18, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

const reference = (kind: string, name: string | undefined) =>
  name === undefined ? null : { id: idOf(kind, { name }), name };

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
    id: idOf('service', service),
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
    id: idOf('route', route),
    name: route.name,
    service: service === undefined ? null : { id: idOf('service', service), name: service.name },
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
    id: idOf('upstream', upstream),
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

export function targetView({ target, weight, tags }: Target, upstream: Upstream, context: ViewContext) {
  return {
    id: idOf('target', { name: `${upstream.name} ${target}` }),
    target,
    weight,
    upstream: { id: idOf('upstream', upstream), name: upstream.name },
    tags: [...tags],
    ...times(context),
  };
}

export function pluginView(entry: PluginEntry, config: unknown, context: ViewContext) {
  const { name, service, route, consumer } = entry;
  return {
    id: idOf('plugin', { id: entry.id, name: [name, service, route, consumer].join(' ') }),
    name,
    instance_name: entry.instanceName ?? null,
    enabled: entry.enabled,
    config,
    service: reference('service', service),
    route: reference('route', route),
    consumer: reference('consumer', consumer),
    protocols: ['http', 'https'],
    tags: [...entry.tags],
    ...times(context),
  };
}

/** Without credentials: they are nobody's business who can read this. */
export function consumerView(consumer: Consumer, context: ViewContext) {
  return {
    id: idOf('consumer', { id: consumer.id, name: consumer.username }),
    username: consumer.username,
    custom_id: consumer.customId ?? null,
    tags: [...consumer.tags],
    ...times(context),
  };
}
