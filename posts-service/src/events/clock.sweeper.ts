import type { ReservationsService } from '../domain/reservations.service.ts';

/** Longer than any handler may be at it: what is unfinished for so long has been left. */
const LEFT_AFTER_MS = 60_000;

/**
 * Finishes reservations of which no message comes any more: a handler died for good, or its message is among the
 * dead. Replicas may sweep at once: each step bears being repeated.
 */
export function sweepReservations(
  reservations: Pick<ReservationsService, 'sweep'>,
  now: () => Date,
): (signal: AbortSignal) => Promise<void> {
  return (signal) => reservations.sweep(new Date(now().getTime() - LEFT_AFTER_MS), signal);
}
