import type { EventLog } from '@plaza/errors';
import { updateOrderWithRetry } from './update-with-retry.ts';
import {
  cancelOrder,
  applyCharge,
  expireOrder,
  findTokenToCharge,
  applyRefund,
  applyStockRejected,
  applyStockReleased,
  applyStockReserved,
  owesRefund,
} from './order-transitions.ts';
import { OrderNotFound } from './order.errors.ts';
import type { OrderRepository } from './order.repository.ts';
import type { Order, OrderId } from './order.ts';
import type { PaymentProvider } from './payment.ts';
import { refundDeferred } from './orders.log-events.ts';

/** Why posts-service cannot reserve the stock of an order. */
export interface StockRejection {
  readonly reason: string;
  readonly items: readonly { readonly postId: string; readonly wanted: number; readonly left: number }[];
}

/**
 * The order saga's process manager: executes the steps of `ORDER_SAGA` and the payment calls that a state
 * requires. Each call may be repeated after a crash at any point: it starts from the stored order, and the
 * payment provider's calls are idempotent.
 */
export interface OrderSagaService {
  /** Charges the buyer, then confirms or rejects the order. @throws {OrderNotFound} */
  onStockReserved(orderId: string, signal: AbortSignal): Promise<void>;
  /** @throws {OrderNotFound} */
  onStockRejected(orderId: string, rejection: StockRejection): Promise<void>;
  /** @throws {OrderNotFound} */
  onStockReleased(orderId: string): Promise<void>;
  /** @throws {OrderNotFound} {OrderNotCancellable} */
  cancel(orderId: OrderId, reason: string): Promise<Order>;
  /** Cancels an order that has been pending since `deadline`. */
  expire(orderId: OrderId, deadline: Date): Promise<void>;
  /** Refunds the charge that an ended order may have made. @throws {OrderNotFound} */
  refundIfOwed(orderId: OrderId): Promise<Order>;
}

export interface OrderSagaServiceDependencies {
  readonly orders: OrderRepository;
  readonly payments: PaymentProvider;
  readonly log: Pick<EventLog, 'warn'>;
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

  /** A failed refund does not undo the end of the order; the reconciliation job repeats the refund. */
  async function tryRefund(order: Order): Promise<Order> {
    try {
      return await refund(order);
    } catch (error) {
      log.warn(refundDeferred, { orderId: order.id, error });
      return order;
    }
  }

  async function charge(order: Order, signal: AbortSignal): Promise<void> {
    const { id, total } = order;
    const token = findTokenToCharge(order);
    if (token === undefined) return;
    const outcome = await payments.charge({ orderId: id, amount: total, token }, signal);
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
