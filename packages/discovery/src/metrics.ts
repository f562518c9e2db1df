import { Gauge, type Registry } from 'prom-client';

/** Metrics of what is known about other services; `upstream` is the service that is watched. */
export interface DiscoveryMetrics {
  /** Instances that a watch knows. */
  readonly instances: Gauge<'upstream' | 'source'>;
  /** Watches by service. Their age is read when metrics are asked for. */
  readonly ages: Map<string, () => number | undefined>;
}

const byRegistry = new WeakMap<Registry, DiscoveryMetrics>();

/** One per registry: a further call returns the same. */
export function createDiscoveryMetrics(registry: Registry): DiscoveryMetrics {
  const metrics = byRegistry.get(registry) ?? create(registry);
  byRegistry.set(registry, metrics);
  return metrics;
}

function create(registry: Registry): DiscoveryMetrics {
  const ages = new Map<string, () => number | undefined>();
  registry.registerMetric(ageGauge(ages));
  return {
    ages,
    instances: new Gauge({
      name: 'discovery_instances',
      help: 'Instances that are known, by who told of them',
      labelNames: ['upstream', 'source'],
      registers: [registry],
    }),
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
