import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import { applied, NO_CATALOGUE, transitions, type Catalogue } from '../domain/catalogue.ts';
import { NO_GUARD } from '../domain/guard.ts';
import { NothingKnown, RegistryDraining } from '../domain/registry.errors.ts';
import { createTransitionLog } from '../domain/transition-log.ts';
import { sharedRun } from '../domain/shared-run.ts';
import { createWatchers } from '../domain/watchers.ts';
import type { Directory, Reading } from '../domain/directory.ts';
import type { RedisInstanceStore } from './instance.store.ts';

export interface Mirror extends Directory, Component {
  /** Something may have changed: look. */
  hint(): void;
}

export interface MirrorOptions {
  readonly store: Pick<RedisInstanceStore, 'changesSince'>;
  readonly logger: Logger;
  /** Milliseconds between two looks that no hint asked for. */
  readonly pollMs: number;
}

/** As long as Eureka keeps what its clients ask for by delta. */
const REMEMBERED_MS = 180_000;
const MOST_REMEMBERED = 10_000;

/**
 * The catalogue in memory, kept like the store's. A read asks the store what changed since, in one round trip
 * that it shares with all reads of that moment, so it sees every change made before it by any replica. While the
 * store is away, reads do not wait for it: they get what was last known and how old it is.
 */
export function createMirror({ store, logger, pollMs }: MirrorOptions): Mirror {
  const watchers = createWatchers();
  const closed = new AbortController();
  const lately = createTransitionLog(REMEMBERED_MS, MOST_REMEMBERED);
  const firstRead = Promise.withResolvers<void>();
  let catalogue: Catalogue = NO_CATALOGUE;
  let guard = NO_GUARD;
  let readAt: number | undefined;
  let away = false;
  let polling: Promise<void> | undefined;

  async function pull(): Promise<void> {
    try {
      const before = catalogue;
      const delta = await store.changesSince(before);
      catalogue = applied(before, delta);
      guard = delta.guard;
      if (readAt !== undefined && catalogue !== before)
        lately.add(transitions(before, catalogue, delta), Date.now());
      readAt = performance.now();
      away = false;
      firstRead.resolve();
      if (catalogue !== before) watchers.wake();
    } catch (error) {
      // A connection that is away is in the log already, where it is made.
      const news = !away && (readAt !== undefined || !isRedisOutage(error));
      if (news) logger.error('the store cannot be read: going on with what is known', { error });
      away = true;
      throw error;
    }
  }

  const look = sharedRun(pull);

  function known(): Reading | undefined {
    if (readAt === undefined) return undefined;
    return { catalogue, guard, staleMs: away ? Math.round(performance.now() - readAt) : undefined };
  }

  function reading(): Reading {
    const last = known();
    if (last === undefined) {
      throw new NothingKnown('This registry has not read its store yet: Redis is away.', { retryAfter: 2 });
    }
    return last;
  }

  async function read(): Promise<Reading> {
    if (!away) await look().catch(() => undefined);
    return reading();
  }

  async function poll(): Promise<void> {
    for (;;) {
      await wait(pollMs, undefined, { signal: closed.signal }).catch(() => undefined);
      if (closed.signal.aborted) return;
      await look().catch(() => undefined);
    }
  }

  return {
    name: 'mirror',
    known,
    watching: () => watchers.count,
    read,
    transitions: () => lately.since(Date.now()),
    readAfter: async (indexIn, index, waitMs, signal) => {
      if (watchers.released)
        throw new RegistryDraining('This registry is stopping: ask another.', { retryAfter: 2 });
      const first = await read();
      if (indexIn(first.catalogue) !== index) return first;
      await watchers.wait(() => indexIn(catalogue) !== index, waitMs, signal);
      return reading();
    },
    hint: () => void look().catch(() => undefined),
    start: async (signal) => {
      signal.addEventListener('abort', () => firstRead.resolve(), { once: true });
      polling = poll();
      await firstRead.promise;
    },
    drain: async () => watchers.release(),
    close: async () => {
      closed.abort();
      await polling;
    },
  };
}
