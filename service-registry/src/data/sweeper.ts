import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import type { RedisInstanceStore } from './instance.store.ts';

export interface SweeperOptions {
  readonly store: Pick<RedisInstanceStore, 'sweep'>;
  readonly logger: Logger;
  /** Names this replica. */
  readonly owner: string;
  readonly everyMs: number;
  /** Milliseconds that everybody gets to renew after a gap in the sweeping. */
  readonly holdMs: number;
  /** Hears of each instance that was taken out. */
  readonly onSwept: () => void;
}

const LEASE_MS = 3_000;
/** Longer than another replica takes to notice that the sweeper died. */
const GAP_MS = 2 * LEASE_MS;

/** Takes out whoever's lease has ended; one replica at a time, another within seconds of its end. */
export function createSweeper({ store, logger, owner, everyMs, holdMs, onSwept }: SweeperOptions): Component {
  const closed = new AbortController();
  let sweeping: Promise<void> | undefined;

  async function sweepAll(): Promise<void> {
    for (;;) {
      const swept = await store.sweep({ owner, leaseMs: LEASE_MS, gapMs: GAP_MS, holdMs });
      for (const instance of swept.members) {
        logger.warn('silent for too long: taken out', { instance });
        onSwept();
      }
      if (swept.members.length + swept.late.length === 0) return;
    }
  }

  async function sweep(): Promise<void> {
    while (!closed.signal.aborted) {
      // Redis being away is logged once where the connection is; sweeping goes on when it is back.
      await sweepAll().catch(() => undefined);
      await wait(everyMs, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    name: 'sweeper',
    announce: async () => {
      sweeping = sweep();
    },
    close: async () => {
      closed.abort();
      await sweeping;
    },
  };
}
