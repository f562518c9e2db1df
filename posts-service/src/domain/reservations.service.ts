import type { Change } from '@plaza/domain';
import {
  begin,
  complete,
  consume,
  forestall,
  isAtRest,
  isOver,
  refuse,
  release,
  settle,
} from './reservation.ts';
import type { Item, OrderId, Refusal, Reservation } from './reservation.ts';
import { NothingReserved } from './reservation.errors.ts';
import type { StockEvent } from './reservation.events.ts';
import type { ReservationRepository } from './reservation.repository.ts';
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
  /** Finishes what has been unfinished since `before`, which nobody else seems to be going to. */
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

  async function each(
    items: readonly Item[],
    signal: AbortSignal | undefined,
    write: (item: Item) => Promise<void>,
  ) {
    for (const item of items) {
      signal?.throwIfAborted();
      await write(item);
    }
  }

  const giveBack = ({ orderId, items }: Reservation, signal?: AbortSignal) =>
    each(items, signal, ({ postId }) => stock.giveBack(postId, orderId));

  /** Takes item by item; says what is missing as soon as something is. */
  async function takeAll(
    { orderId, items }: Reservation,
    signal?: AbortSignal,
  ): Promise<Refusal | undefined> {
    for (const [index, { postId, quantity }] of items.entries()) {
      signal?.throwIfAborted();
      const answer = await stock.take(postId, orderId, quantity);
      if (answer.taken) continue;
      const others = await shortagesAmong(items.slice(index + 1));
      return {
        reason: answer.reason,
        shortages: [{ postId, wanted: quantity, left: answer.left }, ...others],
      };
    }
    return undefined;
  }

  async function shortagesAmong(items: readonly Item[]) {
    const found = await Promise.all(
      items.map(async ({ postId, quantity }) => ({
        postId,
        wanted: quantity,
        left: await stock.left(postId),
      })),
    );
    return found.filter(({ wanted, left }) => left < wanted);
  }

  /** Writes the posts as the status says, and answers what is true then. */
  async function step(
    reservation: Reservation,
    signal?: AbortSignal,
  ): Promise<Change<Reservation, StockEvent>> {
    const { orderId, items } = reservation;
    switch (reservation.status) {
      case 'reserving': {
        const refusal = await takeAll(reservation, signal);
        return refusal === undefined ? complete(reservation, now()) : refuse(reservation, refusal, now());
      }
      case 'consuming':
        await each(items, signal, ({ postId }) => stock.sell(postId, orderId));
        return settle(reservation, now());
      default:
        await giveBack(reservation, signal);
        return settle(reservation, now());
    }
  }

  /**
   * Goes on until the reservation is at rest. `contested` says that somebody else may have finished it while we
   * were taking: what we took too late goes back. Where we die before that, the message or the sweep comes again.
   */
  async function finish(orderId: OrderId, contested: boolean, signal?: AbortSignal): Promise<void> {
    const reservation = await reservations.byOrder(orderId);
    if (reservation === null) return;
    if (isAtRest(reservation)) {
      if (contested && isOver(reservation)) await giveBack(reservation, signal);
      return;
    }
    const change = await step(reservation, signal);
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
      for (const orderId of await reservations.unfinished(before, SWEPT_AT_ONCE)) {
        await finish(orderId, true, signal);
      }
      for (const { postId, orderId } of await stock.leftBehind(before, SWEPT_AT_ONCE)) {
        signal?.throwIfAborted();
        await stock.giveBack(postId, orderId);
      }
    },
  };
}
