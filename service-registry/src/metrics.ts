import { Counter, Gauge, type Registry } from 'prom-client';
import { allInstances } from './domain/catalogue.ts';
import type { Directory } from './domain/directory.ts';

/** What an operator watches a registry by. Gauges are read from the directory when they are asked for. */
export function createRegistryMetrics(registry: Registry, directory: Directory) {
  const registers = [registry];
  return {
    instances: new Gauge({
      name: 'registry_instances',
      help: 'Instances that are registered, by service and state',
      labelNames: ['instance_service', 'state'],
      registers,
      collect() {
        this.reset();
        const catalogue = directory.known()?.catalogue;
        if (catalogue === undefined) return;
        for (const { service, state } of allInstances(catalogue))
          this.inc({ instance_service: service, state });
      },
    }),
    watchers: new Gauge({
      name: 'registry_watchers',
      help: 'Blocking queries that wait for a change',
      registers,
      collect() {
        this.set(directory.watching());
      },
    }),
    staleness: new Gauge({
      name: 'registry_stale_seconds',
      help: 'Seconds since the store could be read, where now it cannot; else 0',
      registers,
      collect() {
        this.set((directory.known()?.staleMs ?? 0) / 1_000);
      },
    }),
    swept: new Counter({
      name: 'registry_swept_total',
      help: 'Instances that this replica took out because they were silent for too long',
      registers,
    }),
  };
}
