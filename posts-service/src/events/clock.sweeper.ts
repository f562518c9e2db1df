import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import type { ReservationsService } from '../domain/reservations.service.ts';

export interface SweeperOptions {
  readonly reservations: Pick<ReservationsService, 'sweep'>;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

/** Longer than any handler may be at it: what is unfinished for so long has been left. */
const LEFT_AFTER_MS = 60_000;

/**
 * The event here is that time has passed and no message came: a handler died for good, or its message is among the
 * dead. Replicas may sweep at once: each step bears being repeated.
 */
export function createSweeper({ reservations, logger, now, everyMs }: SweeperOptions): Component {
  const stopping = new AbortController();
  let running = Promise.resolve();

  async function sweepForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = everyMs * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await reservations
        .sweep(new Date(now().getTime() - LEFT_AFTER_MS), stopping.signal)
        .catch((error: unknown) => logger.warn('a sweep of reservations failed', { error }));
    }
  }

  return {
    name: 'sweeper',
    announce: async () => {
      running = sweepForever();
    },
    settle: async () => {
      stopping.abort();
      await running;
    },
  };
}
