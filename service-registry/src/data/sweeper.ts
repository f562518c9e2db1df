import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import type { RedisInstanceStore, Swept } from './instance.store.ts';

export interface SweeperOptions {
  readonly store: Pick<RedisInstanceStore, 'sweep'>;
  readonly logger: Logger;
  /** Names this replica. */
  readonly owner: string;
  readonly everyMs: number;
  /** Milliseconds that everybody gets to renew after a gap in the sweeping, and once the guard has ended. */
  readonly holdMs: number;
  /** Hears of each instance that was taken out. */
  readonly onSwept: () => void;
}

export interface Sweeper extends Component {
  /** Whether this replica is the one that sweeps. */
  onDuty(): boolean;
}

const LEASE_MS = 3_000;
/** Longer than another replica takes to notice that the sweeper died. */
const GAP_MS = 2 * LEASE_MS;

/** Takes out whoever's lease has ended; one replica at a time, another within seconds of its end. */
export function createSweeper({ store, logger, owner, everyMs, holdMs, onSwept }: SweeperOptions): Sweeper {
  const closed = new AbortController();
  let sweeping: Promise<void> | undefined;
  let dutyUntil = 0;

  async function sweepAll(): Promise<void> {
    for (;;) {
      const asked = performance.now();
      const swept = await store.sweep({ owner, leaseMs: LEASE_MS, gapMs: GAP_MS, holdMs });
      dutyUntil = swept.kind === 'other' ? 0 : asked + LEASE_MS;
      tell(swept);
      if (swept.members.length + swept.late.length === 0) return;
    }
  }

  function tell({ members, late, turned, guard }: Swept): void {
    for (const instance of members) {
      logger.warn('silent for too long: taken out', { instance });
      onSwept();
    }
    for (const check of late) logger.warn('a check was not reported in time: critical', { check });
    if (turned === 'began')
      logger.error(
        'too many fell silent at once: nobody is taken out until they are back, or for 10 minutes',
        { ...guard },
      );
    if (turned === 'ended') logger.info('the guard against mass loss has ended', { ...guard });
  }

  async function sweep(): Promise<void> {
    while (!closed.signal.aborted) {
      await sweepAll().catch((error: unknown) => {
        // Redis being away is logged once where the connection is; sweeping goes on when it is back.
        if (!isRedisOutage(error)) logger.error('nobody could be taken out', { error });
      });
      await wait(everyMs, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    name: 'sweeper',
    onDuty: () => performance.now() < dutyUntil,
    announce: async () => {
      sweeping = sweep();
    },
    close: async () => {
      closed.abort();
      await sweeping;
    },
  };
}
