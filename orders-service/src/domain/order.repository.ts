import type { Change } from '@plaza/domain';
import type { BuyerId } from './buyer.ts';
import type { OrderEvent } from './order.events.ts';
import type { Order, OrderId } from './order.ts';

/** A place in the list of orders, newest first. */
export interface OrderCursor {
  readonly createdAt: Date;
  readonly id: string;
}

export interface OrderQuery {
  /** Only this buyer's. */
  readonly userId?: BuyerId;
  readonly limit: number;
  /** Only what comes after this place. */
  readonly after?: OrderCursor | undefined;
}

/** Where orders are kept, as the domain needs it. */
export interface OrderRepository {
  findById(id: string): Promise<Order | null>;
  list(query: OrderQuery): Promise<Order[]>;
  /** The sequence numbers of those that exist. */
  findSeqs(ids: readonly OrderId[]): Promise<ReadonlyMap<string, number>>;
  /** Pending since then or longer, the oldest first. */
  findPendingSince(deadline: Date, limit: number): Promise<OrderId[]>;
  /** Ended by then, with a refund owed. */
  findRefundDueSince(deadline: Date, limit: number): Promise<OrderId[]>;
  findIdsByBuyer(buyer: BuyerId, limit: number): Promise<OrderId[]>;
  /** False where there is an order of this id already. */
  add(change: Change<Order, OrderEvent>): Promise<boolean>;
  /** False where another writer was first: read again and decide again. */
  save(change: Change<Order, OrderEvent>): Promise<boolean>;
}
