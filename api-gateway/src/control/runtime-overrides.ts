import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ClusterWorker } from '../cluster/worker.ts';
import { createOverridesStore } from './overrides-store.ts';
import {
  overridesNotShared,
  overridesReadFailed,
  overridesRestored,
  overridesShared,
} from './control.log-events.ts';

/** Of what workers tell each other. */
const TOPIC = 'settings';
const entriesSchema = z.array(z.tuple([z.string(), z.string()]));

/** Milliseconds between two looks at what others have set. */
const POLL_INTERVAL_MS = 500;
/** Milliseconds that a start waits for what is set: a version that gets no traffic must not get some at first. */
const START_TIMEOUT_MS = 1_000;

/** What is set at run time and holds over all processes and replicas of the gateway, by field. */
export interface RuntimeOverrides {
  entries(): ReadonlyMap<string, string>;
  /** Sets a field, or takes it away. Resolves with whether the others will see it: Redis may be away. */
  set(field: string, value: string | undefined): Promise<boolean>;
  onChange(listener: () => void): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface RuntimeOverridesOptions {
  readonly redis: Redis;
  /** The other workers, who hear of it without Redis as well. */
  readonly clusterWorker: Pick<ClusterWorker, 'broadcast' | 'onBroadcast'>;
  readonly logger: Logger;
  /** Milliseconds between two looks at what others have set. Default 500. */
  readonly pollIntervalMs?: number;
}

/**
 * Kept in Redis, with a number that each change raises. What is set while Redis is away is told when it is back,
 * and a Redis that has forgotten (emptied, or started from an older copy: its number is lower) is told all of it.
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
  let polling: Promise<void> | undefined;

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

  async function poll(): Promise<void> {
    while (!closed.signal.aborted) {
      // Redis says itself that it is away.
      await sync().catch((error: unknown) => logger.debug(overridesReadFailed, { error }));
      await wait(pollIntervalMs, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
    }
  }

  clusterWorker.onBroadcast(TOPIC, (text) => {
    fields = new Map(entriesSchema.parse(JSON.parse(text)));
    notifyListeners();
  });

  async function awaitFirstSync(): Promise<void> {
    while (!store.isAvailable() && !closed.signal.aborted) await wait(20, undefined, { ref: false });
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
      const late = wait(START_TIMEOUT_MS, undefined, { signal: closed.signal, ref: false });
      await Promise.race([awaitFirstSync(), late]).catch(() => undefined);
      polling = poll();
    },
    close: async () => {
      closed.abort();
      await polling;
    },
  };
}
