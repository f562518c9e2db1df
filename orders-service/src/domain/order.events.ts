import type { DomainEvent } from '@plaza/domain';
import type { Buyer, BuyerId } from './buyer.ts';
import type { ProductId } from './order-line.ts';
import type { Money } from './money.ts';
import type { Order, OrderId } from './order.ts';

interface OrderEventData {
  readonly orderId: OrderId;
  readonly userId: BuyerId;
}

interface PaymentEventData extends OrderEventData {
  readonly paymentId: string;
  readonly amount: Money;
}

interface OrderEndedData extends OrderEventData {
  /** A word for programs: `payment_declined`. */
  readonly reason: string;
}

/** Asks the posts service to reserve stock. */
export type OrderCreated = DomainEvent<
  'order.created',
  OrderEventData & {
    readonly items: readonly {
      readonly postId: ProductId;
      readonly quantity: number;
      readonly unitPrice: Money;
    }[];
    readonly total: Money;
  }
>;
export type OrderConfirmed = DomainEvent<'order.confirmed', OrderEventData>;
/** With this and the next, reserved pieces go back. */
export type OrderRejected = DomainEvent<'order.rejected', OrderEndedData>;
export type OrderCancelled = DomainEvent<'order.cancelled', OrderEndedData>;
export type PaymentProcessed = DomainEvent<'payment.processed', PaymentEventData>;
export type PaymentFailed = DomainEvent<'payment.failed', OrderEndedData>;
export type PaymentRefunded = DomainEvent<'payment.refunded', PaymentEventData>;

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
