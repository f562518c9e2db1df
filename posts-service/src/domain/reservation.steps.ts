import type { Change } from '@plaza/domain';
import { complete, refuse, settle, type Item, type Refusal, type Reservation } from './reservation.ts';
import type { StockEvent } from './reservation.events.ts';
import type { Stock } from './stock.ts';

/** What is done to the posts for a reservation that is on its way. Every step may be done again. */
export interface ReservationSteps {
  /** Writes the posts as the status says, and answers what is true then. */
  carryOut(reservation: Reservation, signal?: AbortSignal): Promise<Change<Reservation, StockEvent>>;
  /** Gives back whatever the order holds. */
  giveBack(reservation: Reservation, signal?: AbortSignal): Promise<void>;
}

export function createReservationSteps(stock: Stock, now: () => Date): ReservationSteps {
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
      const first = { postId, wanted: quantity, left: answer.left };
      return { reason: answer.reason, shortages: [first, ...(await shortagesAmong(items.slice(index + 1)))] };
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

  return {
    giveBack,
    carryOut: async (reservation, signal) => {
      const { status, orderId, items } = reservation;
      if (status === 'reserving') {
        const refusal = await takeAll(reservation, signal);
        return refusal === undefined ? complete(reservation, now()) : refuse(reservation, refusal, now());
      }
      if (status === 'consuming') await each(items, signal, ({ postId }) => stock.sell(postId, orderId));
      else await giveBack(reservation, signal);
      return settle(reservation, now());
    },
  };
}

async function each(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  write: (item: Item) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    signal?.throwIfAborted();
    await write(item);
  }
}
