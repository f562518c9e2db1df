import { retryOnConflict, type Change } from '@plaza/domain';
import {
  createReservation,
  consumeReservation,
  createReleasedReservation,
  isStable,
  isTerminal,
  releaseReservation,
} from './reservation.ts';
import type { ReservationItem, ReservationOrderId, Reservation } from './reservation.ts';
import { NothingReserved } from './reservation.errors.ts';
import type { StockEvent } from './reservation.events.ts';
import type { ReservationRepository } from './reservation.repository.ts';
import { createReservationExecutor } from './reservation-executor.ts';
import type { StockRepository } from './stock.repository.ts';

/**
 * Carries reservations through. Each step is written down before the posts are touched, each write may be
 * repeated, and every call goes on where an earlier one ended, wherever that was: a call that fails is made again.
 */
export interface ReservationsService {
  /** An order was placed: all of its items, or none. */
  reserve(
    orderId: ReservationOrderId,
    items: readonly ReservationItem[],
    signal?: AbortSignal,
  ): Promise<void>;
  /** An order was rejected or cancelled: before it was heard of, in the middle of reserving, or after. */
  release(orderId: ReservationOrderId, signal?: AbortSignal): Promise<void>;
  /** An order was confirmed. @throws {NothingReserved} */
  consume(orderId: ReservationOrderId, signal?: AbortSignal): Promise<void>;
  /** Finishes reservations that have been unfinished since `before`; their handlers have probably died. @throws {AggregateError} */
  recoverUnfinished(before: Date, signal?: AbortSignal): Promise<void>;
}

export interface ReservationsServiceDependencies {
  readonly reservations: ReservationRepository;
  readonly stock: StockRepository;
  readonly now: () => Date;
}

/** Of each kind in one run. */
const BATCH = 100;
/** A reservation has few writers, and its status only moves forward: conflicts end long before this. */
const MAX_ATTEMPTS = 100;

export function createReservationsService(
  dependencies: ReservationsServiceDependencies,
): ReservationsService {
  const { reservations, stock, now } = dependencies;
  const executor = createReservationExecutor(stock, now);

  /**
   * Goes on until the reservation is at rest. `contested` says that another handler may have finished it while we
   * were taking: what we took too late goes back. Where we die before that, the message comes again, or the job.
   */
  async function finish(
    orderId: ReservationOrderId,
    contested: boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const reservation = await reservations.findByOrder(orderId);
    if (reservation === null) return;
    if (isStable(reservation)) {
      if (contested && isTerminal(reservation)) await executor.release(reservation, signal);
      return;
    }
    const change = await executor.execute(reservation, signal);
    const saved = await reservations.save(change);
    if (!saved || !isStable(change.state)) await finish(orderId, contested || !saved, signal);
  }

  /** Changes the reservation by a rule, and finishes it. False where there is none. */
  async function redirect(
    orderId: ReservationOrderId,
    signal: AbortSignal | undefined,
    rule: (found: Reservation) => Change<Reservation, StockEvent>,
  ): Promise<boolean> {
    const known = await retryOnConflict(
      async () => {
        signal?.throwIfAborted();
        const found = await reservations.findByOrder(orderId);
        if (found === null) return { done: false };
        const change = rule(found);
        return change.state === found || (await reservations.save(change)) ? { done: true } : 'conflict';
      },
      {
        maxAttempts: MAX_ATTEMPTS,
        createConflictError: () => new Error(`The reservation of order ${orderId} keeps changing.`),
      },
    );
    if (known) await finish(orderId, false, signal);
    return known;
  }

  return {
    reserve: async (orderId, items, signal) => {
      const added = await reservations.add(createReservation(orderId, items, now()));
      await finish(orderId, !added, signal);
    },

    release: async (orderId, signal) => {
      const known = () => redirect(orderId, signal, (found) => releaseReservation(found, now()));
      if (await known()) return;
      if (!(await reservations.add(createReleasedReservation(orderId, now())))) await known();
    },

    consume: async (orderId, signal) => {
      const known = await redirect(orderId, signal, (found) => {
        if (found.status === 'reserving') throw new NothingReserved(orderId);
        return consumeReservation(found, now());
      });
      if (!known) throw new NothingReserved(orderId);
    },

    recoverUnfinished: async (before, signal) => {
      const unfinished = await reservations.findUnfinished(before, BATCH);
      await forEachSettled(unfinished, signal, (orderId) => finish(orderId, true, signal));
      const orphaned = await stock.findOrphaned(before, BATCH);
      await forEachSettled(orphaned, signal, ({ postId, orderId }) => stock.release(postId, orderId));
    },
  };
}

/** One that cannot be dealt with must not keep the others from it. @throws {AggregateError} in the end. */
async function forEachSettled<T>(
  all: readonly T[],
  signal: AbortSignal | undefined,
  dealWith: (one: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const one of all) {
    signal?.throwIfAborted();
    await dealWith(one).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${all.length} failed.`);
}
