import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CheckObservation } from './domain/check.ts';
import { allInstances } from './domain/catalog.ts';
import type { CatalogReader } from './domain/catalog-reader.ts';
import type { StoreOperationObserver } from './data/instrumented-store.ts';

/** Bucket bounds in seconds: a probe's timeout is 2 s unless its check says otherwise. */
const PROBE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
/** A store on the same network answers within a millisecond. */
const STORE_BUCKETS = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** What happens at a registry, counted as it happens. */
export interface RegistryMetrics {
  readonly recordStoreOperation: StoreOperationObserver;
  recordProbe(observation: CheckObservation): void;
  recordExpiration(): void;
}

export function createRegistryMetrics(registry: Registry): RegistryMetrics {
  const registers = [registry];
  const changes = new Counter({
    name: 'registry_changes_total',
    help: 'Changes that were asked for, by what they were and what came of them',
    labelNames: ['operation', 'outcome'],
    registers,
  });
  const storeSeconds = new Histogram({
    name: 'registry_store_seconds',
    help: 'Seconds that the store took for a change',
    buckets: STORE_BUCKETS,
    registers,
  });
  const probes = new Histogram({
    name: 'registry_probe_duration_seconds',
    help: 'Seconds that a probe took, by what it saw',
    labelNames: ['outcome'],
    buckets: PROBE_BUCKETS,
    registers,
  });
  const evictions = new Counter({
    name: 'registry_evictions_total',
    help: 'Instances that this replica took out because they were silent or critical for too long',
    registers,
  });
  return {
    recordStoreOperation: (operation, outcome, milliseconds) => {
      changes.inc({ operation, outcome });
      storeSeconds.observe(milliseconds / 1_000);
    },
    recordProbe: ({ status, latencyMs = 0 }) => probes.observe({ outcome: status }, latencyMs / 1_000),
    recordExpiration: () => evictions.inc(),
  };
}

/** What a registry knows, read when it is asked for. */
export function createCatalogMetrics(
  registry: Registry,
  catalogReader: CatalogReader,
  isLeader: () => boolean,
): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  const selfPreservation = () => catalogReader.cached()?.selfPreservation;
  gauge('registry_watchers', 'Blocking queries that wait for a change', () =>
    catalogReader.blockingQueryCount(),
  );
  gauge(
    'registry_stale_seconds',
    'Seconds since the store could be read, where now it cannot; else 0',
    () => (catalogReader.cached()?.staleMs ?? 0) / 1_000,
  );
  gauge('registry_sweeper', '1 at the replica that sweeps and probes', () => Number(isLeader()));
  gauge('registry_guard_active', '1 while so many are silent that nobody is taken out', () =>
    Number(selfPreservation()?.active ?? false),
  );
  gauge(
    'registry_renewals_expected',
    'Leases and TTL checks that ought to be renewed',
    () => selfPreservation()?.expected ?? 0,
  );
  gauge('registry_renewals_in_time', 'Those of them that were', () => selfPreservation()?.renewed ?? 0);
  registry.registerMetric(instancesGauge(catalogReader));
}

function instancesGauge(catalogReader: CatalogReader) {
  return new Gauge({
    name: 'registry_instances',
    help: 'Instances that are registered, by service and state',
    labelNames: ['instance_service', 'state'],
    registers: [],
    collect() {
      this.reset();
      const catalog = catalogReader.cached()?.catalog;
      if (catalog === undefined) return;
      for (const { service, state } of allInstances(catalog)) this.inc({ instance_service: service, state });
    },
  });
}
