import { createResilienceMetrics, type ResilienceMetrics } from '@plaza/resilience';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Metrics of calls to other services; `upstream` is the service that is called. */
export interface ServiceClientMetrics {
  readonly ejected: Gauge<'upstream'>;
  readonly ejections: Counter<'upstream' | 'reason'>;
  readonly panic: Gauge<'upstream'>;
  /** Seconds of each try of a call, by its status or by what went wrong. */
  readonly attempts: Histogram<'upstream' | 'method' | 'outcome'>;
  /** An instance's circuit is `upstream/instanceId` in there. */
  readonly resilience: ResilienceMetrics;
}

const byRegistry = new WeakMap<Registry, ServiceClientMetrics>();

/** One per registry: a further call returns the same. */
export function createServiceClientMetrics(registry: Registry): ServiceClientMetrics {
  const metrics = byRegistry.get(registry) ?? create(registry);
  byRegistry.set(registry, metrics);
  return metrics;
}

/** Bounds in seconds, for calls that mostly stay in one house. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

function create(registry: Registry): ServiceClientMetrics {
  const registers = [registry];
  const labelNames = ['upstream'] as const;
  return {
    ejected: new Gauge({
      name: 'discovery_ejected_instances',
      help: 'Instances that get no traffic because calls to them failed',
      labelNames,
      registers,
    }),
    ejections: new Counter({
      name: 'discovery_ejections_total',
      help: 'How often an instance was ejected, by the failure that was one too many',
      labelNames: ['upstream', 'reason'],
      registers,
    }),
    panic: new Gauge({
      name: 'discovery_panic',
      help: '1 while so many instances are ejected that ejections are ignored',
      labelNames,
      registers,
    }),
    attempts: new Histogram({
      name: 'http_client_request_duration_seconds',
      help: 'Seconds from a try of a call to the end of its answer',
      labelNames: ['upstream', 'method', 'outcome'],
      buckets: BUCKETS,
      registers,
    }),
    resilience: createResilienceMetrics(registry),
  };
}
