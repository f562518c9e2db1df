import type { Change } from '@plaza/domain';
import { begin, consume, forestall, isAtRest, isOver, release } from './reservation.ts';
import type { Item, OrderId, Reservation } from './reservation.ts';
import { NothingReserved } from './reservation.errors.ts';
import type { StockEvent } from './reservation.events.ts';
import type { ReservationRepository } from './reservation.repository.ts';
import { createReservationSteps } from './reservation.steps.ts';
import type { Stock } from './stock.ts';

/**
 * Carries reservations through. Each step is written down before the posts are touched, each write may be
 * repeated, and every call goes on where an earlier one ended, wherever that was: a call that fails is made again.
 */
export interface ReservationsService {
  /** An order was placed: all of its items, or none. */
  reserve(orderId: OrderId, items: readonly Item[], signal?: AbortSignal): Promise<void>;
  /** An order was rejected or cancelled: before it was heard of, in the middle of reserving, or after. */
  release(orderId: OrderId, signal?: AbortSignal): Promise<void>;
  /** An order was confirmed. @throws {NothingReserved} */
  consume(orderId: OrderId, signal?: AbortSignal): Promise<void>;
  /** Finishes what has been unfinished since `before`, which nobody else seems to be going to. @throws {AggregateError} */
  sweep(before: Date, signal?: AbortSignal): Promise<void>;
}

export interface ReservationsServiceDependencies {
  readonly reservations: ReservationRepository;
  readonly stock: Stock;
  readonly now: () => Date;
}

/** Of each kind in one sweep. */
const SWEPT_AT_ONCE = 100;

export function createReservationsService(
  dependencies: ReservationsServiceDependencies,
): ReservationsService {
  const { reservations, stock, now } = dependencies;
  const steps = createReservationSteps(stock, now);

  /**
   * Goes on until the reservation is at rest. `contested` says that somebody else may have finished it while we
   * were taking: what we took too late goes back. Where we die before that, the message or the sweep comes again.
   */
  async function finish(orderId: OrderId, contested: boolean, signal?: AbortSignal): Promise<void> {
    const reservation = await reservations.byOrder(orderId);
    if (reservation === null) return;
    if (isAtRest(reservation)) {
      if (contested && isOver(reservation)) await steps.giveBack(reservation, signal);
      return;
    }
    const change = await steps.carryOut(reservation, signal);
    const saved = await reservations.save(change);
    if (!saved || !isAtRest(change.state)) await finish(orderId, contested || !saved, signal);
  }

  /** Decides where the reservation goes from here, and goes there. */
  async function redirect(
    orderId: OrderId,
    signal: AbortSignal | undefined,
    rule: (found: Reservation) => Change<Reservation, StockEvent>,
  ) {
    for (;;) {
      signal?.throwIfAborted();
      const found = await reservations.byOrder(orderId);
      if (found === null) return false;
      const change = rule(found);
      if (change.state !== found && !(await reservations.save(change))) continue;
      await finish(orderId, false, signal);
      return true;
    }
  }

  return {
    reserve: async (orderId, items, signal) => {
      const added = await reservations.add(begin(orderId, items, now()));
      await finish(orderId, !added, signal);
    },

    release: async (orderId, signal) => {
      const known = () => redirect(orderId, signal, (found) => release(found, now()));
      if (await known()) return;
      if (!(await reservations.add(forestall(orderId, now())))) await known();
    },

    consume: async (orderId, signal) => {
      const known = await redirect(orderId, signal, (found) => {
        if (found.status === 'reserving') throw new NothingReserved(orderId);
        return consume(found, now());
      });
      if (!known) throw new NothingReserved(orderId);
    },

    sweep: async (before, signal) => {
      const unfinished = await reservations.unfinished(before, SWEPT_AT_ONCE);
      await eachInSpiteOfAll(unfinished, signal, (orderId) => finish(orderId, true, signal));
      const leftBehind = await stock.leftBehind(before, SWEPT_AT_ONCE);
      await eachInSpiteOfAll(leftBehind, signal, ({ postId, orderId }) => stock.giveBack(postId, orderId));
    },
  };
}

/** One that cannot be dealt with must not keep the others from it. @throws {AggregateError} in the end. */
async function eachInSpiteOfAll<T>(
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
