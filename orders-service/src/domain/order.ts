import { changed, type Change } from '@plaza/domain';
import type { Buyer } from './buyer.ts';
import type { OrderLine } from './order-line.ts';
import { calculateTotal, type Money } from './money.ts';
import { orderCreated, type OrderCreated, type OrderEvent } from './order.events.ts';

export type OrderId = string & { readonly brand: 'OrderId' };

/** Takes a text for an order's id: what a database or an event has kept as one. */
export function toOrderId(id: string): OrderId;
export function toOrderId(id: string): string {
  return id;
}

export const ORDER_STATUSES = ['pending', 'confirmed', 'rejected', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What we know of the pieces: asked for, put aside, not to be had, or given back. */
export type StockStatus = 'awaited' | 'reserved' | 'rejected' | 'released';

/**
 * What we know of the money. `due`: the provider has not been asked. `charging`: it may have been, and may
 * have taken it; the outcome is not stored yet. `none`: nothing was taken and nothing will be.
 */
export type Payment =
  | { readonly state: 'due' | 'charging'; readonly token: string }
  | { readonly state: 'processed' | 'refunded'; readonly paymentId: string }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'none' };

/** One entry of the timeline: what happened, and the order's status with it. */
export interface OrderTimelineEntry {
  readonly at: Date;
  readonly status: OrderStatus;
  readonly event: OrderEvent['eventType'] | 'stock.reserved' | 'stock.rejected' | 'stock.released';
  readonly detail?: string;
}

/** `seq` is the one that was read: a save that finds another has lost the race. */
export interface Order {
  readonly id: OrderId;
  readonly seq: number;
  /** Null once the buyer's account is gone. */
  readonly buyer: Buyer | null;
  readonly items: readonly OrderLine[];
  readonly total: Money;
  readonly status: OrderStatus;
  /** Why it was rejected or cancelled: a word for programs. */
  readonly reason?: string;
  readonly stock: StockStatus;
  readonly payment: Payment;
  /** Only ever grows at its end. */
  readonly timeline: readonly OrderTimelineEntry[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewOrder {
  readonly id: OrderId;
  readonly buyer: Buyer;
  readonly items: readonly OrderLine[];
  readonly paymentToken: string;
}

/** @throws {MixedCurrencies} {TotalTooLarge} */
export function placeOrder(
  { id, buyer, items, paymentToken }: NewOrder,
  now: Date,
): Change<Order, OrderCreated> {
  const order: Order = {
    id,
    seq: 0,
    buyer,
    items,
    total: calculateTotal(items),
    status: 'pending',
    stock: 'awaited',
    payment: { state: 'due', token: paymentToken },
    timeline: [{ at: now, status: 'pending', event: 'order.created' }],
    createdAt: now,
    updatedAt: now,
  };
  return changed(order, orderCreated(order, buyer));
}

/** The order as its buyer was first told of it. */
export function toInitialOrder({ reason: _reason, ...order }: Order): Order {
  return { ...order, status: 'pending', timeline: order.timeline.slice(0, 1), updatedAt: order.createdAt };
}
