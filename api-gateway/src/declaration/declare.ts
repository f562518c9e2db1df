import { addressOf, standardAddress, type Address } from './address.ts';
import type {
  Consumer,
  Declaration,
  Healthchecks,
  PluginEntry,
  Route,
  RoutePath,
  Service,
  Target,
  Upstream,
} from './declaration.ts';
import type { KongConsumer } from './format/consumer.ts';
import type { KongFormat } from './format/document.ts';
import type { KongHealthchecks } from './format/healthchecks.ts';
import { pathPattern } from './format/path.ts';
import type { KongRoute } from './format/route.ts';
import type { KongService } from './format/service.ts';
import type { KongTarget } from './format/target.ts';
import { nameIn, type KongUpstream } from './format/upstream.ts';
import type { Reference } from './format/values.ts';
import type { Outline } from './outline.ts';
import { kindNamed, parseConfig, type Kinds } from './plugin-configs.ts';
import { consumerName, pluginsIn, routesIn, serviceName } from './walk.ts';

/**
 * Makes entities of a file in which no mistake was found.
 * @param written the same file with its references as they are written.
 */
export function declare(file: KongFormat, kinds: Kinds, written: Outline): Declaration {
  const names = namesIn(file);
  const upstreams = file.upstreams.map((upstream) =>
    upstreamOf(upstream, apart(file.targets, upstream, names)),
  );
  const balanced = new Set(upstreams.map(({ name }) => name));
  const services = new Map(
    file.services.map((service) => [serviceName(service), serviceOf(service, balanced)]),
  );
  const routes = routesIn(file).map(({ route, name, service }) =>
    routeOf(route, name, service && services.get(names.get(service) ?? '')),
  );
  return {
    services: [...services.values()],
    routes,
    upstreams,
    plugins: pluginsOf(file, kinds, names, pluginsIn(written)),
    consumers: file.consumers.map((consumer) => consumerOf(withCredentials(consumer, file, names))),
  };
}

interface Names {
  /** What a reference means. */
  get(to: Reference | undefined): string | undefined;
}

/** References by id lead to names as well. */
function namesIn(file: KongFormat): Names {
  const ids = new Map([
    ...file.services.map((service) => [service.id, serviceName(service)] as const),
    ...routesIn(file).map(({ route, name }) => [route.id, name] as const),
    ...file.upstreams.map(({ id, name }) => [id, name] as const),
    ...file.consumers.map((consumer) => [consumer.id, consumerName(consumer)] as const),
  ]);
  return {
    get: (to) => {
      if (to === undefined) return undefined;
      return 'id' in to ? ids.get(to.id) : to.name;
    },
  };
}

function serviceOf(service: KongService, balanced: ReadonlySet<string>): Service {
  const { url, protocol = 'http', host = '', port, path = '/' } = service;
  const where: { address: Address; path: string } =
    url === undefined
      ? { path, address: { protocol: `${protocol}:`, host, port } }
      : { path: new URL(url).pathname, address: addressOf(url) };
  return {
    id: service.id,
    name: serviceName(service),
    path: where.path,
    address: standardAddress(where.address, balanced),
    connectTimeoutMs: service.connect_timeout,
    readTimeoutMs: service.read_timeout,
    writeTimeoutMs: service.write_timeout,
    retries: service.retries,
    enabled: service.enabled,
    tags: new Set(service.tags),
  };
}

function routeOf(route: KongRoute, name: string, service: Service | undefined): Route {
  return {
    id: route.id,
    name,
    service,
    paths: (route.paths ?? []).map(pathOf),
    methods: route.methods && new Set(route.methods),
    hosts: route.hosts ?? [],
    headers: new Map(
      Object.entries(route.headers ?? {}).map(([header, values]) => [header.toLowerCase(), values]),
    ),
    protocols: new Set(route.protocols),
    httpsRedirectStatusCode: route.https_redirect_status_code,
    stripPath: route.strip_path,
    preserveHost: route.preserve_host,
    regexPriority: route.regex_priority,
    tags: new Set(route.tags),
  };
}

function pathOf(path: string): RoutePath {
  if (!path.startsWith('~')) return { kind: 'prefix', value: path };
  return { kind: 'regex', value: path.slice(1), pattern: pathPattern(path.slice(1)) };
}

function upstreamOf(upstream: KongUpstream, more: readonly KongTarget[]): Upstream {
  return {
    id: upstream.id,
    name: upstream.name,
    algorithm: upstream.algorithm,
    hashOn: upstream.hash_on,
    hashOnName: nameIn(upstream, 'hash_on'),
    hashOnCookiePath: upstream.hash_on_cookie_path,
    hashFallback: upstream.hash_fallback,
    hashFallbackName: nameIn(upstream, 'hash_fallback'),
    hostHeader: upstream.host_header,
    targets: [...upstream.targets, ...more].map(targetEntity),
    healthchecks: healthchecksOf(upstream.healthchecks),
    concurrency: upstream.concurrency,
    tags: new Set(upstream.tags),
  };
}

const apart = (targets: KongFormat['targets'], { name }: KongUpstream, names: Names) =>
  targets.filter(({ upstream }) => names.get(upstream) === name);

const targetEntity = ({ target, weight, tags }: KongTarget): Target => ({
  target,
  weight,
  tags: new Set(tags),
});

const MS = 1_000;

function healthchecksOf({ threshold = 0, active, passive }: Partial<KongHealthchecks> = {}): Healthchecks {
  return {
    threshold,
    active: active && {
      type: active.type,
      httpPath: active.http_path,
      headers: new Map(Object.entries(active.headers).map(([name, values]) => [name.toLowerCase(), values])),
      timeoutMs: active.timeout * MS,
      concurrency: active.concurrency,
      healthy: { ...healthyOf(active.healthy), intervalMs: active.healthy.interval * MS },
      unhealthy: { ...unhealthyOf(active.unhealthy), intervalMs: active.unhealthy.interval * MS },
    },
    passive: passive && {
      type: passive.type,
      healthy: healthyOf(passive.healthy),
      unhealthy: unhealthyOf(passive.unhealthy),
    },
  };
}

type KongPassive = NonNullable<KongHealthchecks['passive']>;

const healthyOf = ({ http_statuses, successes }: KongPassive['healthy']) => ({
  httpStatuses: new Set(http_statuses),
  successes,
});

const unhealthyOf = (unhealthy: KongPassive['unhealthy']) => ({
  httpStatuses: new Set(unhealthy.http_statuses),
  httpFailures: unhealthy.http_failures,
  tcpFailures: unhealthy.tcp_failures,
  timeouts: unhealthy.timeouts,
});

function pluginsOf(
  file: KongFormat,
  kinds: Kinds,
  names: Names,
  written: ReturnType<typeof pluginsIn<object, object, Outline['plugins'][number], object>>,
): PluginEntry[] {
  return pluginsIn(file).flatMap(({ plugin, scope }, index) => {
    const kind = kindNamed(kinds, plugin.name);
    const parsed = kind && parseConfig(kind, plugin.config);
    if (parsed?.success !== true) return [];
    return [
      {
        id: plugin.id,
        name: plugin.name,
        instanceName: plugin.instance_name,
        config: parsed.data,
        written: written[index]?.plugin.config,
        enabled: plugin.enabled,
        service: names.get(scope.service),
        route: names.get(scope.route),
        consumer: names.get(scope.consumer),
        tags: new Set(plugin.tags),
      },
    ];
  });
}

function withCredentials(consumer: KongConsumer, file: KongFormat, names: Names): KongConsumer {
  const own = ({ consumer: to }: { consumer: Reference }) => names.get(to) === consumerName(consumer);
  return {
    ...consumer,
    keyauth_credentials: [...consumer.keyauth_credentials, ...file.keyauth_credentials.filter(own)],
    jwt_secrets: [...consumer.jwt_secrets, ...file.jwt_secrets.filter(own)],
    acls: [...consumer.acls, ...file.acls.filter(own)],
  };
}

function consumerOf(consumer: KongConsumer): Consumer {
  return {
    id: consumer.id,
    username: consumerName(consumer),
    customId: consumer.custom_id,
    tags: new Set(consumer.tags),
    jwtSecrets: consumer.jwt_secrets.map(({ key, algorithm, secret, rsa_public_key: rsaPublicKey }) => ({
      key,
      algorithm,
      secret,
      rsaPublicKey,
    })),
    keyauthCredentials: consumer.keyauth_credentials.map(({ key, tags }) => ({ key, tags: new Set(tags) })),
    acls: consumer.acls.map(({ group }) => group),
  };
}
