import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CheckObservation } from './domain/check.ts';
import { allInstances } from './domain/catalog.ts';
import type { CatalogReader } from './domain/catalog-reader.ts';
import type { StoreOperationObserver } from './data/instrumented-store.ts';

/** Bucket bounds in seconds: a probe times out after 2 s unless its check says otherwise. */
const PROBE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
/** Bucket bounds in seconds: a store on the same network answers within a millisecond. */
const STORE_BUCKETS = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** Counters and histograms of this replica's work. */
export interface RegistryMetrics {
  readonly recordStoreOperation: StoreOperationObserver;
  recordProbe(observation: CheckObservation): void;
  recordExpiration(): void;
}

export function createRegistryMetrics(registry: Registry): RegistryMetrics {
  const registers = [registry];
  const changes = new Counter({
    name: 'registry_changes_total',
    help: 'Requested changes, by operation and outcome',
    labelNames: ['operation', 'outcome'],
    registers,
  });
  const storeSeconds = new Histogram({
    name: 'registry_store_seconds',
    help: 'Seconds that the store needed for a change',
    buckets: STORE_BUCKETS,
    registers,
  });
  const probes = new Histogram({
    name: 'registry_probe_duration_seconds',
    help: 'Duration of a probe in seconds, by outcome',
    labelNames: ['outcome'],
    buckets: PROBE_BUCKETS,
    registers,
  });
  const evictions = new Counter({
    name: 'registry_evictions_total',
    help: 'Instances that this replica removed because their lease ended or a check was critical for too long',
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

/** Gauges of the catalog, read with each scrape. */
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
    'Seconds since the last successful read of the store; 0 while it can be read',
    () => (catalogReader.cached()?.staleMs ?? 0) / 1_000,
  );
  gauge('registry_sweeper', '1 at the replica that runs expiration and probes', () => Number(isLeader()));
  gauge('registry_guard_active', '1 during self-preservation, in which no instance is removed', () =>
    Number(selfPreservation()?.active ?? false),
  );
  gauge(
    'registry_renewals_expected',
    'Leases and TTL checks with an expected renewal',
    () => selfPreservation()?.expected ?? 0,
  );
  gauge(
    'registry_renewals_in_time',
    'Leases and TTL checks renewed in time',
    () => selfPreservation()?.renewed ?? 0,
  );
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
