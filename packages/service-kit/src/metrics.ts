import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { PreboundHistogram } from './prebound-metrics.ts';

export interface Metrics {
  /** Where a package registers counters, gauges and histograms of its own. */
  readonly registry: Registry;
  /** Seconds from a request's arrival to the end of its response, by method, route pattern and status. */
  readonly requestDuration: PreboundHistogram<'method' | 'route' | 'status_code'>;
  /** Responses 502, 503 and 504, by error code, reason and dependency. */
  readonly unavailable: Counter<'code' | 'reason' | 'dependency'>;
  /** The Prometheus text exposition. */
  expose(): Promise<{ contentType: string; text: string }>;
}

/** Bucket bounds in seconds, as OpenTelemetry's semantic conventions advise for HTTP servers. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** A registry of its own for each service, with Node's process metrics and one histogram of requests. */
export function createMetrics(labels: { service: string; version: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  const requestDuration = new PreboundHistogram({
    name: 'http_server_request_duration_seconds',
    help: 'Seconds from a request to the end of its response',
    labelNames: ['method', 'route', 'status_code'],
    buckets: HTTP_BUCKETS,
    registers: [registry],
  });
  const unavailable = new Counter({
    name: 'http_server_unavailable_total',
    help: 'Requests that could not be served (502, 503, 504), by error code, reason and dependency',
    labelNames: ['code', 'reason', 'dependency'],
    registers: [registry],
  });
  return {
    registry,
    requestDuration,
    unavailable,
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
