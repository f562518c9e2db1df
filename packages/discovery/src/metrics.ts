import { createResilienceMetrics, type ResilienceMetrics } from '@plaza/resilience';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What a service's view of the others is counted in; `upstream` is the service that is called. */
export interface DiscoveryMetrics {
  /** Instances that a watch knows. */
  readonly instances: Gauge<'upstream' | 'source'>;
  /** Watches by service. Their age is read when metrics are asked for. */
  readonly ages: Map<string, () => number | undefined>;
  readonly ejected: Gauge<'upstream'>;
  readonly ejections: Counter<'upstream' | 'reason'>;
  readonly panic: Gauge<'upstream'>;
  /** Seconds of each try of a call, by its status or by what went wrong. */
  readonly tries: Histogram<'upstream' | 'method' | 'outcome'>;
  /** An instance's circuit is `upstream/instanceId` in there. */
  readonly resilience: ResilienceMetrics;
}

const known = new WeakMap<Registry, DiscoveryMetrics>();

/** One for each registry: whoever asks again gets the same. */
export function createDiscoveryMetrics(registry: Registry): DiscoveryMetrics {
  const metrics = known.get(registry) ?? create(registry);
  known.set(registry, metrics);
  return metrics;
}

/** Bounds in seconds, for calls that mostly stay in one house. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

function create(registry: Registry): DiscoveryMetrics {
  const registers = [registry];
  const labelNames = ['upstream'] as const;
  const ages = new Map<string, () => number | undefined>();
  registry.registerMetric(ageGauge(ages));
  return {
    ages,
    instances: new Gauge({
      name: 'discovery_instances',
      help: 'Instances that are known, by who told of them',
      labelNames: ['upstream', 'source'],
      registers,
    }),
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
    tries: new Histogram({
      name: 'http_client_request_duration_seconds',
      help: 'Seconds from a try of a call to the end of its answer',
      labelNames: ['upstream', 'method', 'outcome'],
      buckets: BUCKETS,
      registers,
    }),
    resilience: createResilienceMetrics(registry),
  };
}

function ageGauge(ages: ReadonlyMap<string, () => number | undefined>): Gauge<'upstream'> {
  return new Gauge({
    name: 'discovery_age_seconds',
    help: 'Seconds since the registry vouched for what is known: up to 35 while all is well',
    labelNames: ['upstream'],
    registers: [],
    collect() {
      for (const [upstream, ageMs] of ages) {
        const age = ageMs();
        if (age !== undefined) this.set({ upstream }, age / 1_000);
      }
    },
  });
}
