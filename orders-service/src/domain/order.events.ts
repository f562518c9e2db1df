import type { DomainEvent } from '@plaza/domain';
import type { Buyer, UserId } from './buyer.ts';
import type { PostId } from './line.ts';
import type { Money } from './money.ts';
import type { Order, OrderId } from './order.ts';

interface OfOrder {
  readonly orderId: OrderId;
  readonly userId: UserId;
}

interface OfPayment extends OfOrder {
  readonly paymentId: string;
  readonly amount: Money;
}

interface WithReason extends OfOrder {
  /** A word for programs: `payment_declined`. */
  readonly reason: string;
}

/** Whoever keeps the stock is asked for the pieces by this. */
export type OrderCreated = DomainEvent<
  'order.created',
  OfOrder & {
    readonly items: readonly {
      readonly postId: PostId;
      readonly quantity: number;
      readonly unitPrice: Money;
    }[];
    readonly total: Money;
  }
>;
export type OrderConfirmed = DomainEvent<'order.confirmed', OfOrder>;
/** With this and the next, reserved pieces go back. */
export type OrderRejected = DomainEvent<'order.rejected', WithReason>;
export type OrderCancelled = DomainEvent<'order.cancelled', WithReason>;
export type PaymentProcessed = DomainEvent<'payment.processed', OfPayment>;
export type PaymentFailed = DomainEvent<'payment.failed', WithReason>;
export type PaymentRefunded = DomainEvent<'payment.refunded', OfPayment>;

export type OrderEvent =
  | OrderCreated
  | OrderConfirmed
  | OrderRejected
  | OrderCancelled
  | PaymentProcessed
  | PaymentFailed
  | PaymentRefunded;

export function orderCreated({ id, items, total }: Order, { userId }: Buyer): OrderCreated {
  const lines = items.map(({ postId, quantity, unitPrice }) => ({ postId, quantity, unitPrice }));
  return { eventType: 'order.created', data: { orderId: id, userId, items: lines, total } };
}

export function orderConfirmed({ id }: Order, { userId }: Buyer): OrderConfirmed {
  return { eventType: 'order.confirmed', data: { orderId: id, userId } };
}

export function orderEnded(
  status: 'rejected' | 'cancelled',
  { id }: Order,
  { userId }: Buyer,
  reason: string,
): OrderRejected | OrderCancelled {
  return { eventType: `order.${status}`, data: { orderId: id, userId, reason } };
}

export function paymentProcessed(
  { id, total }: Order,
  { userId }: Buyer,
  paymentId: string,
): PaymentProcessed {
  return { eventType: 'payment.processed', data: { orderId: id, userId, paymentId, amount: total } };
}

export function paymentFailed({ id }: Order, { userId }: Buyer, reason: string): PaymentFailed {
  return { eventType: 'payment.failed', data: { orderId: id, userId, reason } };
}

export function paymentRefunded({ id, total }: Order, { userId }: Buyer, paymentId: string): PaymentRefunded {
  return { eventType: 'payment.refunded', data: { orderId: id, userId, paymentId, amount: total } };
}
