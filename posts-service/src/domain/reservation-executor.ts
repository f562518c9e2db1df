import type { Change } from '@plaza/domain';
import {
  confirmReservation,
  rejectReservation,
  completeReservation,
  type ReservationItem,
  type Rejection,
  type Reservation,
} from './reservation.ts';
import type { StockEvent } from './reservation.events.ts';
import type { StockRepository } from './stock.repository.ts';

/** What is done to the posts for a reservation that is on its way. Each call may be repeated. */
export interface ReservationExecutor {
  /** Writes the posts as the status says, and answers what is true then. */
  execute(reservation: Reservation, signal?: AbortSignal): Promise<Change<Reservation, StockEvent>>;
  /** Gives back whatever the order holds. */
  release(reservation: Reservation, signal?: AbortSignal): Promise<void>;
}

export function createReservationExecutor(stock: StockRepository, now: () => Date): ReservationExecutor {
  const release = ({ orderId, items }: Reservation, signal?: AbortSignal) =>
    forEachItem(items, signal, ({ postId }) => stock.release(postId, orderId));

  /** Reserves item by item; says what is missing as soon as something is. */
  async function reserveAll(
    { orderId, items }: Reservation,
    signal?: AbortSignal,
  ): Promise<Rejection | undefined> {
    for (const [index, { postId, quantity }] of items.entries()) {
      signal?.throwIfAborted();
      const result = await stock.reserve(postId, orderId, quantity);
      if (result.reserved) continue;
      const first = { postId, wanted: quantity, left: result.left };
      return { reason: result.reason, shortages: [first, ...(await shortagesAmong(items.slice(index + 1)))] };
    }
    return undefined;
  }

  async function shortagesAmong(items: readonly ReservationItem[]) {
    const found = await Promise.all(
      items.map(async ({ postId, quantity }) => ({
        postId,
        wanted: quantity,
        left: await stock.available(postId),
      })),
    );
    return found.filter(({ wanted, left }) => left < wanted);
  }

  return {
    release,
    execute: async (reservation, signal) => {
      const { status, orderId, items } = reservation;
      if (status === 'reserving') {
        const refusal = await reserveAll(reservation, signal);
        return refusal === undefined
          ? confirmReservation(reservation, now())
          : rejectReservation(reservation, refusal, now());
      }
      if (status === 'consuming')
        await forEachItem(items, signal, ({ postId }) => stock.consume(postId, orderId));
      else await release(reservation, signal);
      return completeReservation(reservation, now());
    },
  };
}

async function forEachItem(
  items: readonly ReservationItem[],
  signal: AbortSignal | undefined,
  write: (item: ReservationItem) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    signal?.throwIfAborted();
    await write(item);
  }
}
