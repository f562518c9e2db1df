import { Counter, Gauge, type Registry } from 'prom-client';

/** What a service's view of the others is counted in. One for each registry; `upstream` is the service called. */
export interface DiscoveryMetrics {
  readonly ejected: Gauge<'upstream'>;
  readonly ejections: Counter<'upstream' | 'reason'>;
  readonly panic: Gauge<'upstream'>;
}

export function createDiscoveryMetrics(registry: Registry): DiscoveryMetrics {
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
  };
}
