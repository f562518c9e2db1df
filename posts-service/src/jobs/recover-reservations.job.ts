import type { ReservationsService } from '../domain/reservations.service.ts';

/** Longer than any handler may be at it: what is unfinished for so long has been left. */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Finishes reservations of which no message comes any more: a handler died for good, or its message is among the
 * dead. Replicas may run it at once: each step bears being repeated.
 */
export function createRecoverReservationsJob(
  reservations: Pick<ReservationsService, 'recoverUnfinished'>,
  now: () => Date,
): (signal: AbortSignal) => Promise<void> {
  return (signal) => reservations.recoverUnfinished(new Date(now().getTime() - ABANDONED_AFTER_MS), signal);
}
