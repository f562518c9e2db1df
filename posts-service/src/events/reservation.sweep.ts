import { setTimeout as wait } from 'node:timers/promises';
import type { Lifecycle, Logger } from '@plaza/service-kit';
import type { ReservationsService } from '../domain/reservations.service.ts';

export interface ReservationSweep {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly reservations: Pick<ReservationsService, 'sweep'>;
  readonly now: () => Date;
}

/** Longer than any handler may be at it: what is unfinished for so long has been left. */
const LEFT_AFTER_MS = 60_000;
const EVERY_MS = 15_000;

/**
 * The event here is that time has passed and no message came: a handler died for good, or a message is among the
 * dead. Replicas may sweep at once: each step bears being repeated.
 */
export function addReservationSweep({ lifecycle, logger, reservations, now }: ReservationSweep): void {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function sweepForever() {
    for (;;) {
      const pause = EVERY_MS * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await reservations
        .sweep(new Date(now().getTime() - LEFT_AFTER_MS), stopping.signal)
        .catch((error: unknown) => logger.warn('a sweep of reservations failed', { error }));
    }
  }

  lifecycle.add({
    name: 'reservation sweep',
    announce: async () => {
      running = sweepForever();
    },
    settle: async () => {
      stopping.abort();
      await running;
    },
  });
}
