import { PreboundCounter, PreboundHistogram } from '@plaza/service-kit';
import type { Registry } from 'prom-client';
import type { RouteInfo } from '../api/entities.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { getResponseHeader } from '../api/response-headers.ts';
import { schema, type PrometheusConfig } from './schema.ts';

/** Kong's buckets, in milliseconds. */
const BUCKETS = {
  kong: [1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1_000],
  upstream: [25, 50, 80, 100, 250, 400, 700, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
};

/** Records Kong's metrics, so that Kong's dashboards work. GET /metrics shows them. */
export const prometheus: PluginDefinition<PrometheusConfig> = {
  name: 'prometheus',
  priority: 13,
  schema: schema.describe('Records Kong’s metrics beside the gateway’s own.'),
  create: (config, { metrics }) => {
    const meters = [
      ...(config.status_code_metrics ? [requestMeter(metrics, config)] : []),
      ...(config.latency_metrics ? [latencyMeter(metrics)] : []),
      ...(config.bandwidth_metrics ? [bandwidthMeter(metrics, config)] : []),
    ];
    return {
      log: (requestContext) => {
        for (const measure of meters) measure(requestContext);
      },
    };
  },
};

type Meter = (requestContext: RequestContext) => void;

function requestMeter(registry: Registry, { per_consumer }: PrometheusConfig): Meter {
  const counter = getOrCreateCounter(
    registry,
    'kong_http_requests_total',
    'HTTP requests per consumer, service and route',
    ['service', 'route', 'code', 'source', 'consumer'],
  );
  const countsOf = memoizeByRoute(() => new Map<string, () => void>());
  return ({ service, route, response: { statusCode: code }, responseSource, consumer }) => {
    const username = per_consumer ? (consumer?.username ?? '') : '';
    // Kong's label values: `service` for an upstream response, `kong` for all others, cached ones included.
    const source = responseSource === 'upstream' ? 'service' : 'kong';
    const counts = countsOf(route);
    const key = `${code} ${source} ${username}`;
    let count = counts.get(key);
    if (count === undefined) {
      count = counter.bind({
        service: service?.name ?? '',
        route: route.name,
        code,
        source,
        consumer: username,
      });
      counts.set(key, count);
    }
    count();
  };
}

function latencyMeter(registry: Registry): Meter {
  const labels = ['service', 'route'] as const;
  const histogram = (name: string, help: string, buckets: readonly number[]) =>
    getOrCreateHistogram(registry, { name, help, labels, buckets });
  const total = histogram(
    'kong_request_latency_ms',
    'Milliseconds of a request, all in all',
    BUCKETS.upstream,
  );
  const own = histogram('kong_kong_latency_ms', 'Milliseconds until the service was asked', BUCKETS.kong);
  const upstream = histogram(
    'kong_upstream_latency_ms',
    'Milliseconds until the service answered',
    BUCKETS.upstream,
  );
  const observersOf = memoizeByRoute((route) => {
    const of = { service: route.service?.name ?? '', route: route.name };
    return { total: total.bind(of), own: own.bind(of), upstream: upstream.bind(of) };
  });
  return ({ route, startedAt, forwardedAt, respondedAt }) => {
    const observe = observersOf(route);
    observe.total(performance.now() - startedAt);
    if (forwardedAt === undefined) return;
    observe.own(forwardedAt - startedAt);
    if (respondedAt !== undefined) observe.upstream(respondedAt - forwardedAt);
  };
}

/** Calls `make` once for each route. */
function memoizeByRoute<T>(make: (route: RouteInfo) => T): (route: RouteInfo) => T {
  const known = new WeakMap<RouteInfo, T>();
  return (route) => {
    let made = known.get(route);
    if (made === undefined) {
      made = make(route);
      known.set(route, made);
    }
    return made;
  };
}

/** Counts bodies that have a Content-Length. */
function bandwidthMeter(registry: Registry, { per_consumer }: PrometheusConfig): Meter {
  const counter = getOrCreateCounter(registry, 'kong_bandwidth_bytes', 'Bytes of bodies that passed', [
    'service',
    'route',
    'direction',
    'consumer',
  ]);
  return (requestContext) => {
    const { service, route, request, consumer } = requestContext;
    const of = {
      service: service?.name ?? '',
      route: route.name,
      consumer: per_consumer ? (consumer?.username ?? '') : '',
    };
    const ingress = Number(request.headers['content-length'] ?? 0);
    const egress =
      request.method === 'HEAD' ? 0 : Number(getResponseHeader(requestContext, 'content-length') ?? 0);
    if (ingress > 0) counter.inc({ ...of, direction: 'ingress' }, ingress);
    if (egress > 0) counter.inc({ ...of, direction: 'egress' }, egress);
  };
}

/** The registry outlives a reload, and all entries share its metrics. */
function getOrCreateCounter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
): PreboundCounter<Label> {
  const known = registry.getSingleMetric(name);
  return known instanceof PreboundCounter
    ? known
    : new PreboundCounter({ name, help, labelNames, registers: [registry] });
}

function getOrCreateHistogram<Label extends string>(
  registry: Registry,
  {
    name,
    help,
    labels: labelNames,
    buckets,
  }: { name: string; help: string; labels: readonly Label[]; buckets: readonly number[] },
): PreboundHistogram<Label> {
  const known = registry.getSingleMetric(name);
  if (known instanceof PreboundHistogram) return known;
  return new PreboundHistogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
}
