import type { DomainEvent } from '@plaza/domain';
import type { Item, OrderId, Refusal, RefusalReason, Reservation, Shortage } from './reservation.ts';

interface Held {
  readonly orderId: OrderId;
  readonly items: readonly Item[];
}

/** All that the order asked for is kept for it. */
export type StockReserved = DomainEvent<'stock.reserved', Held>;
/** Nothing is: `items` are those that there is not enough of. */
export type StockRejected = DomainEvent<
  'stock.rejected',
  { readonly orderId: OrderId; readonly reason: RefusalReason; readonly items: readonly Shortage[] }
>;
/** What was reserved is there for others again. */
export type StockReleased = DomainEvent<'stock.released', Held>;
export type StockEvent = StockReserved | StockRejected | StockReleased;

export function stockReserved({ orderId, items }: Reservation): StockReserved {
  return { eventType: 'stock.reserved', data: { orderId, items } };
}

export function stockRejected({ orderId }: Reservation, { reason, shortages }: Refusal): StockRejected {
  return { eventType: 'stock.rejected', data: { orderId, reason, items: shortages } };
}

export function stockReleased({ orderId, items }: Reservation): StockReleased {
  return { eventType: 'stock.released', data: { orderId, items } };
}
