import { backoffDelay, sleep } from '@plaza/concurrency';
import type { UnavailableReason } from '@plaza/errors';
import type { Component, Logger } from '@plaza/service-kit';
import { createInstanceFromUrl, areInstancesEqual, type ServiceInstance } from './service-instance.ts';
import type { PassingInstances } from './consul-health-response.ts';
import type { RegistryClient } from './registry-client.ts';
import { createInstanceListMerger } from './instance-list-merger.ts';
import { registryLost, registryRestored } from './discovery.log-events.ts';

/** Where the instances come from: `none` until the first answer, and where neither has any. */
export const INSTANCE_SOURCES = ['registry', 'fallback', 'none'] as const;
export type InstanceSource = (typeof INSTANCE_SOURCES)[number];

export interface InstanceSnapshot {
  readonly service: string;
  readonly instances: readonly ServiceInstance[];
  readonly source: InstanceSource;
  /** Why there is no instance; undefined where there is one. */
  readonly emptyReason?: UnavailableReason;
}

/** Follows the passing instances of one service. It reads from memory: nothing waits in a hot path. */
export interface ServiceWatch extends Component {
  readonly service: string;
  /** The last good list; the same object until it changes. */
  current(): InstanceSnapshot;
  /** Milliseconds since the registry vouched for the list: up to 30,000 while all is well; undefined where it never did. */
  ageMs(): number | undefined;
  /** Calls after each change of the list. Returns what ends that. */
  onChange(listener: (snapshot: InstanceSnapshot) => void): () => void;
  /** Begins to follow, once. Resolves after the first answer or the first failure, so it holds up no start. */
  start(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ServiceWatchOptions {
  readonly registry: RegistryClient;
  readonly service: string;
  readonly logger: Logger;
  /** Used where the registry has no instance, or there is no registry. */
  readonly fallbackUrl?: string | undefined;
  readonly now?: () => number;
  /** Milliseconds that one blocking query waits for a change. Default 30,000. */
  readonly waitMs?: number;
  /** Milliseconds of the longest pause between failed queries. Default 5,000. */
  readonly maxBackoffMs?: number;
}

const WAIT_MS = 30_000;
const FIRST_BACKOFF_MS = 200;
const MOST_BACKOFF_MS = 5_000;
/** Between two queries at least: a service that changes all the time must not make a busy loop of us. */
const SPACING_MS = 50;

export function createServiceWatch(options: ServiceWatchOptions): ServiceWatch {
  const { registry, service, logger, fallbackUrl, now = Date.now, waitMs = WAIT_MS } = options;
  const { maxBackoffMs = MOST_BACKOFF_MS } = options;
  const closed = new AbortController();
  const listeners = new Set<(snapshot: InstanceSnapshot) => void>();
  const merger = createInstanceListMerger(now);
  const fallback =
    fallbackUrl === undefined
      ? []
      : [createInstanceFromUrl(service, fallbackUrl.replace(/\/+$/, ''), 'fallback')];
  let snapshot = snapshotOf(
    [],
    registry.urls.length === 0 ? 'registry_not_configured' : 'registry_unanswered',
  );
  let vouchedAt: number | undefined;
  let polling: Promise<void> | undefined;
  let started: Promise<void> | undefined;

  function snapshotOf(known: readonly ServiceInstance[], emptyReason: UnavailableReason): InstanceSnapshot {
    if (known.length > 0) return { service, instances: known, source: 'registry' };
    if (fallback.length > 0) return { service, instances: fallback, source: 'fallback' };
    return { service, instances: [], source: 'none', emptyReason };
  }

  function applyResponse(response: PassingInstances): void {
    vouchedAt = now() - response.ageMs;
    const next = snapshotOf(
      merger.merge(response),
      response.registered === 0 ? 'registry_empty' : 'no_instance_passing',
    );
    const isSameList =
      next.source === snapshot.source && areInstancesEqual(next.instances, snapshot.instances);
    if (isSameList && next.emptyReason === snapshot.emptyReason) return;
    snapshot = next;
    if (isSameList) return;
    for (const listener of listeners) listener(snapshot);
  }

  /** After a failure it does not wait for a change: it wants to know at once that the registry is back. */
  async function queryOnce(failures: number): Promise<void> {
    const query = failures > 0 ? { index: 0, waitMs } : merger.nextQuery(waitMs);
    applyResponse(await registry.passingInstances(service, { ...query, signal: closed.signal }));
  }

  async function poll(onFirstResult: () => void): Promise<void> {
    for (let failures = 0; !closed.signal.aborted;) {
      try {
        await queryOnce(failures);
        if (failures > 0) logger.info(registryRestored, { watching: service });
        failures = 0;
        onFirstResult();
        await pause(SPACING_MS);
      } catch (error) {
        onFirstResult();
        if (closed.signal.aborted) return;
        if (failures === 0) logger.warn(registryLost, { watching: service, reason: String(error) });
        await pause(backoffDelay(failures, { firstMs: FIRST_BACKOFF_MS, maxMs: maxBackoffMs }));
        failures += 1;
      }
    }
  }

  function pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, { signal: closed.signal });
  }

  return {
    name: `watch ${service}`,
    service,
    current: () => snapshot,
    ageMs: () => (vouchedAt === undefined ? undefined : now() - vouchedAt),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      if (registry.urls.length === 0) return;
      started ??= new Promise((onFirstResult) => {
        polling = poll(onFirstResult);
      });
      await started;
    },
    close: async () => {
      closed.abort();
      await polling;
    },
  };
}
