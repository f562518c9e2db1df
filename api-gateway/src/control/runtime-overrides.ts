import { settlesWithin, sleep, startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { ClusterWorker } from '../cluster/worker.ts';
import { createOverridesStore } from './overrides-store.ts';
import {
  overridesNotShared,
  overridesReadFailed,
  overridesRestored,
  overridesShared,
} from './control.log-events.ts';

/** Topic of the messages between workers. */
const TOPIC = 'settings';
const entriesSchema = z.array(z.tuple([z.string(), z.string()]));

/** Milliseconds between two polls of Redis. */
const POLL_INTERVAL_MS = 500;
/**
 * Milliseconds that the start waits for the overrides: a version with weight 0 must get no traffic at first.
 */
const START_TIMEOUT_MS = 1_000;

/** Overrides that are set at run time, by field, for all processes and replicas of the gateway. */
export interface RuntimeOverrides {
  entries(): ReadonlyMap<string, string>;
  /** Sets a field, or removes it. Resolves with whether the others will get it: Redis may be unavailable. */
  set(field: string, value: string | undefined): Promise<boolean>;
  onChange(listener: () => void): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface RuntimeOverridesOptions {
  readonly redis: Redis;
  /** The other workers, which get it without Redis too. */
  readonly clusterWorker: Pick<ClusterWorker, 'broadcast' | 'onBroadcast'>;
  readonly logger: Logger;
  /** Milliseconds between two polls of Redis. Default 500. */
  readonly pollIntervalMs?: number;
}

/**
 * Kept in Redis, with a version that each change increments. Changes made while Redis is unavailable are
 * written when it is back, and a Redis that has lost them (emptied, or restored from an older copy: its version
 * is lower) gets all of them again.
 */
export function createRuntimeOverrides({
  redis,
  clusterWorker,
  logger,
  pollIntervalMs = POLL_INTERVAL_MS,
}: RuntimeOverridesOptions): RuntimeOverrides {
  const closed = new AbortController();
  const listeners: (() => void)[] = [];
  const pending = new Map<string, string | undefined>();
  const store = createOverridesStore(redis);
  let fields = new Map<string, string>();
  let version = 0;
  let polling: PeriodicJob | undefined;

  async function sync(): Promise<void> {
    if (!store.isAvailable()) return;
    const current = await store.version();
    if (current < version && (await store.restore(fields, version)))
      logger.warn(overridesRestored, { fields: [...fields.keys()] });
    if (pending.size > 0) await pushPending();
    else if (current === version) return;
    ({ version, fields } = await store.read());
    notifyListeners();
  }

  async function pushPending(): Promise<void> {
    const changes = new Map(pending);
    await store.write(changes);
    for (const [field, value] of changes) if (pending.get(field) === value) pending.delete(field);
    logger.info(overridesShared, { fields: [...changes.keys()] });
  }

  function notifyListeners(): void {
    for (const listener of listeners) listener();
  }

  function startPolling(): PeriodicJob {
    return startPeriodicJob({
      run: sync,
      intervalMs: pollIntervalMs,
      firstRun: 'at-once',
      ref: false,
      // The Redis connection logs its own outages.
      onError: (error) => logger.debug(overridesReadFailed, { error }),
    });
  }

  clusterWorker.onBroadcast(TOPIC, (text) => {
    fields = new Map(entriesSchema.parse(JSON.parse(text)));
    notifyListeners();
  });

  async function awaitFirstSync(): Promise<void> {
    while (!store.isAvailable() && !closed.signal.aborted) await sleep(20, { ref: false });
    await sync();
  }

  return {
    entries: () => fields,
    set: async (field, value) => {
      if (value === undefined) fields.delete(field);
      else fields.set(field, value);
      pending.set(field, value);
      clusterWorker.broadcast(TOPIC, JSON.stringify([...fields]));
      const shared = await sync().then(
        () => !pending.has(field),
        () => false,
      );
      if (!shared) {
        logger.warn(overridesNotShared, { field });
        notifyListeners();
      }
      return shared;
    },
    onChange: (listener) => void listeners.push(listener),
    start: async () => {
      await settlesWithin(awaitFirstSync(), START_TIMEOUT_MS, closed.signal);
      if (!closed.signal.aborted) polling = startPolling();
    },
    close: async () => {
      closed.abort();
      await polling?.stop();
    },
  };
}
