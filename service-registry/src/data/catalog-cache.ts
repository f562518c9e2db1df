import { freshSingleFlight, startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import { applyDelta, EMPTY_CATALOG, instanceChanges, type Catalog } from '../domain/catalog.ts';
import { NO_SELF_PRESERVATION } from '../domain/self-preservation.ts';
import { NothingKnown, RegistryDraining } from '../domain/registry.errors.ts';
import { createRecentlyChangedQueue } from '../domain/recently-changed-queue.ts';
import { createBlockingQueries } from '../domain/blocking-queries.ts';
import type { CatalogReader, CatalogSnapshot } from '../domain/catalog-reader.ts';
import type { RedisInstanceStore } from './instance.store.ts';
import { storeReadFailed } from '../domain/registry.log-events.ts';

export interface CatalogCache extends CatalogReader, Component {
  /** Reads the changes from the store now, because there may be some. */
  refresh(): void;
}

export interface CatalogCacheOptions {
  readonly store: Pick<RedisInstanceStore, 'changesSince'>;
  readonly logger: Logger;
  /** Milliseconds between two polls without a notification. */
  readonly pollMs: number;
}

/** As long as Eureka keeps changes for its clients' deltas. */
const RECENTLY_CHANGED_MS = 180_000;
const MAX_RECENTLY_CHANGED = 10_000;

/**
 * The catalog in memory, kept up to date from the store. A read fetches the changes from the store in one round trip
 * that concurrent reads share, so it includes every earlier change by any replica. While the store is away, reads do
 * not wait for it: they return the last known catalog and its age.
 */
export function createCatalogCache({ store, logger, pollMs }: CatalogCacheOptions): CatalogCache {
  const blockingQueries = createBlockingQueries();
  const recentlyChangedQueue = createRecentlyChangedQueue(RECENTLY_CHANGED_MS, MAX_RECENTLY_CHANGED);
  const firstRead = Promise.withResolvers<void>();
  let catalog: Catalog = EMPTY_CATALOG;
  let selfPreservation = NO_SELF_PRESERVATION;
  let readAt: number | undefined;
  let isStoreDown = false;
  let polling: PeriodicJob | undefined;

  async function fetchChanges(): Promise<void> {
    try {
      const before = catalog;
      const delta = await store.changesSince(before);
      catalog = applyDelta(before, delta);
      selfPreservation = delta.selfPreservation;
      if (readAt !== undefined && catalog !== before)
        recentlyChangedQueue.add(instanceChanges(before, catalog, delta), Date.now());
      readAt = performance.now();
      isStoreDown = false;
      firstRead.resolve();
      if (catalog !== before) blockingQueries.notifyAll();
    } catch (error) {
      // The connection has already logged that it is away.
      const isNew = !isStoreDown && (readAt !== undefined || !isRedisOutage(error));
      if (isNew) logger.error(storeReadFailed, { error });
      isStoreDown = true;
      throw error;
    }
  }

  const refreshShared = freshSingleFlight(fetchChanges);

  function cached(): CatalogSnapshot | undefined {
    if (readAt === undefined) return undefined;
    return {
      catalog,
      selfPreservation,
      staleMs: isStoreDown ? Math.round(performance.now() - readAt) : undefined,
    };
  }

  function requireCached(): CatalogSnapshot {
    const last = cached();
    if (last === undefined) {
      throw new NothingKnown('This registry has not read its store yet: Redis is away.', {
        reason: 'store_unread',
        ownDependency: 'redis',
        retryAfter: 2,
      });
    }
    return last;
  }

  async function read(): Promise<CatalogSnapshot> {
    if (!isStoreDown) await refreshShared().catch(() => undefined);
    return requireCached();
  }

  return {
    name: 'mirror',
    cached,
    blockingQueryCount: () => blockingQueries.count,
    read,
    recentlyChanged: () => recentlyChangedQueue.entries(Date.now()),
    readWhenChanged: async (indexIn, index, waitMs, signal) => {
      if (blockingQueries.released)
        throw new RegistryDraining('This registry is stopping: ask another.', {
          reason: 'draining',
          retryAfter: 2,
        });
      const first = await read();
      if (indexIn(first.catalog) !== index) return first;
      await blockingQueries.wait(() => indexIn(catalog) !== index, waitMs, signal);
      return requireCached();
    },
    refresh: () => void refreshShared().catch(() => undefined),
    start: async (signal) => {
      signal.addEventListener('abort', () => firstRead.resolve(), { once: true });
      polling = startPeriodicJob({ run: refreshShared, intervalMs: pollMs, onError: () => undefined });
      await firstRead.promise;
    },
    onDrain: async () => blockingQueries.releaseAll(),
    close: async () => polling?.stop(),
  };
}
