import type { Change } from '@plaza/domain';
import type { ReservationOrderId, Reservation } from './reservation.ts';
import type { StockEvent } from './reservation.events.ts';

/** Where reservations are kept, as the domain needs it. */
export interface ReservationRepository {
  findByOrder(orderId: ReservationOrderId): Promise<Reservation | null>;
  /** False where there is one of this order already. */
  add(change: Change<Reservation, never>): Promise<boolean>;
  /** False where another writer was first: read again and decide again. */
  save(change: Change<Reservation, StockEvent>): Promise<boolean>;
  /** Some of those that have been on their way since `before` or longer, up to `limit`. */
  findUnfinished(before: Date, limit: number): Promise<ReservationOrderId[]>;
}
