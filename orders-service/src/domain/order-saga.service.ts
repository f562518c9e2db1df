import { updateOrderWithRetry } from './update-with-retry.ts';
import {
  cancelOrder,
  applyCharge,
  expireOrder,
  applyRefund,
  applyStockRejected,
  applyStockReleased,
  applyStockReserved,
} from './order-transitions.ts';
import { OrderNotFound } from './order.errors.ts';
import type { OrderRepository } from './order.repository.ts';
import { owesRefund, type Order, type OrderId } from './order.ts';
import type { PaymentProvider } from './payment.ts';

/** What a service that keeps stock says of an order that it cannot serve. */
export interface StockRejection {
  readonly reason: string;
  readonly items: readonly { readonly postId: string; readonly wanted: number; readonly left: number }[];
}

/**
 * Takes orders from one state to the next. Each call may be repeated, and may die anywhere: it begins with
 * what is stored, and the provider bears being asked again.
 */
export interface OrderSagaService {
  /** Charges, and confirms or rejects. @throws {OrderNotFound} */
  onStockReserved(orderId: string, signal: AbortSignal): Promise<void>;
  /** @throws {OrderNotFound} */
  onStockRejected(orderId: string, rejection: StockRejection): Promise<void>;
  /** @throws {OrderNotFound} */
  onStockReleased(orderId: string): Promise<void>;
  /** @throws {OrderNotFound} {OrderNotCancellable} */
  cancel(orderId: OrderId, reason: string): Promise<Order>;
  /** Cancels an order that has been pending since `deadline`. */
  expire(orderId: OrderId, deadline: Date): Promise<void>;
  /** Has the provider give back what an ended order may have taken. @throws {OrderNotFound} */
  refundIfOwed(orderId: OrderId): Promise<Order>;
}

export interface OrderSagaServiceDependencies {
  readonly orders: OrderRepository;
  readonly payments: PaymentProvider;
  readonly log: { warn(message: string, fields: object): void };
  readonly now: () => Date;
}

export function createOrderSagaService({
  orders,
  payments,
  log,
  now,
}: OrderSagaServiceDependencies): OrderSagaService {
  async function refund(order: Order): Promise<Order> {
    if (!owesRefund(order)) return order;
    const outcome = await payments.refund(order.id);
    return updateOrderWithRetry(orders, order.id, (current) => applyRefund(current, outcome, now()));
  }

  /** The order has ended whatever the provider says; the reconciliation job asks it again. */
  async function tryRefund(order: Order): Promise<Order> {
    try {
      return await refund(order);
    } catch (error) {
      log.warn('a refund has to wait', { orderId: order.id, error });
      return order;
    }
  }

  async function charge(order: Order, signal: AbortSignal): Promise<void> {
    const { id, payment, status, total } = order;
    if (status !== 'pending' || payment.state !== 'charging') return;
    const outcome = await payments.charge({ orderId: id, amount: total, token: payment.token }, signal);
    await refund(await updateOrderWithRetry(orders, id, (current) => applyCharge(current, outcome, now())));
  }

  return {
    onStockReserved: async (orderId, signal) =>
      charge(
        await updateOrderWithRetry(orders, orderId, (order) => applyStockReserved(order, now())),
        signal,
      ),

    onStockRejected: async (orderId, rejection) => {
      const order = await updateOrderWithRetry(orders, orderId, (order) =>
        applyStockRejected(
          order,
          { reason: rejection.reason, detail: formatRejection(order, rejection) },
          now(),
        ),
      );
      await refund(order);
    },

    onStockReleased: async (orderId) => {
      await refund(await updateOrderWithRetry(orders, orderId, (order) => applyStockReleased(order, now())));
    },

    cancel: async (orderId, reason) =>
      tryRefund(await updateOrderWithRetry(orders, orderId, (order) => cancelOrder(order, reason, now()))),

    expire: async (orderId, deadline) => {
      await tryRefund(
        await updateOrderWithRetry(orders, orderId, (order) => expireOrder(order, deadline, now())),
      );
    },

    refundIfOwed: async (orderId) => {
      const order = await orders.findById(orderId);
      if (order === null) throw new OrderNotFound();
      return refund(order);
    },
  };
}

/** "Lamp: 2 wanted, 1 left". */
function formatRejection({ items }: Order, rejection: StockRejection): string {
  const titles = new Map<string, string>(items.map(({ postId, title }) => [postId, title]));
  const missing = rejection.items.map(
    ({ postId, wanted, left }) => `${titles.get(postId) ?? postId}: ${wanted} wanted, ${left} left`,
  );
  return missing.join('; ') || rejection.reason;
}
