import type { DomainEvent } from '@plaza/domain';
import type {
  ReservationItem,
  ReservationOrderId,
  Rejection,
  RejectionReason,
  Reservation,
  Shortage,
} from './reservation.ts';

interface StockEventData {
  readonly orderId: ReservationOrderId;
  readonly items: readonly ReservationItem[];
}

/** All that the order asked for is kept for it. */
export type StockReserved = DomainEvent<'stock.reserved', StockEventData>;
/** Nothing is: `items` are those that there is not enough of. */
export type StockRejected = DomainEvent<
  'stock.rejected',
  {
    readonly orderId: ReservationOrderId;
    readonly reason: RejectionReason;
    readonly items: readonly Shortage[];
  }
>;
/** What was reserved is there for others again. */
export type StockReleased = DomainEvent<'stock.released', StockEventData>;
export type StockEvent = StockReserved | StockRejected | StockReleased;

export function stockReserved({ orderId, items }: Reservation): StockReserved {
  return { eventType: 'stock.reserved', data: { orderId, items } };
}

export function stockRejected({ orderId }: Reservation, { reason, shortages }: Rejection): StockRejected {
  return { eventType: 'stock.rejected', data: { orderId, reason, items: shortages } };
}

export function stockReleased({ orderId, items }: Reservation): StockReleased {
  return { eventType: 'stock.released', data: { orderId, items } };
}
