import { changeOrder } from './change-order.ts';
import {
  cancel,
  charged,
  expire,
  refunded,
  stockRejected,
  stockReleased,
  stockReserved,
} from './order-saga.ts';
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
export interface Saga {
  /** Charges, and confirms or rejects. @throws {OrderNotFound} */
  stockReserved(orderId: string, signal: AbortSignal): Promise<void>;
  /** @throws {OrderNotFound} */
  stockRejected(orderId: string, rejection: StockRejection): Promise<void>;
  /** @throws {OrderNotFound} */
  stockReleased(orderId: string): Promise<void>;
  /** @throws {OrderNotFound} {OrderNotCancellable} */
  cancel(orderId: OrderId, reason: string): Promise<Order>;
  /** Cancels an order that has been pending since `deadline`. */
  expire(orderId: OrderId, deadline: Date): Promise<void>;
  /** Has the provider give back what an ended order may have taken. @throws {OrderNotFound} */
  settle(orderId: OrderId): Promise<Order>;
}

export interface SagaDependencies {
  readonly orders: OrderRepository;
  readonly payments: PaymentProvider;
  readonly log: { warn(message: string, fields: object): void };
  readonly now: () => Date;
}

export function createSaga({ orders, payments, log, now }: SagaDependencies): Saga {
  async function settle(order: Order): Promise<Order> {
    if (!owesRefund(order)) return order;
    const outcome = await payments.refund(order.id);
    return changeOrder(orders, order.id, (current) => refunded(current, outcome, now()));
  }

  /** The order has ended whatever the provider says; whoever sweeps asks it again. */
  async function settleSoon(order: Order): Promise<Order> {
    try {
      return await settle(order);
    } catch (error) {
      log.warn('a refund has to wait', { orderId: order.id, error });
      return order;
    }
  }

  async function charge(order: Order, signal: AbortSignal): Promise<void> {
    const { id, payment, status, total } = order;
    if (status !== 'pending' || payment.state !== 'charging') return;
    const outcome = await payments.charge({ orderId: id, amount: total, token: payment.token }, signal);
    await settle(await changeOrder(orders, id, (current) => charged(current, outcome, now())));
  }

  return {
    stockReserved: async (orderId, signal) =>
      charge(await changeOrder(orders, orderId, (order) => stockReserved(order, now())), signal),

    stockRejected: async (orderId, rejection) => {
      const order = await changeOrder(orders, orderId, (order) =>
        stockRejected(order, { reason: rejection.reason, detail: inWords(order, rejection) }, now()),
      );
      await settle(order);
    },

    stockReleased: async (orderId) => {
      await settle(await changeOrder(orders, orderId, (order) => stockReleased(order, now())));
    },

    cancel: async (orderId, reason) =>
      settleSoon(await changeOrder(orders, orderId, (order) => cancel(order, reason, now()))),

    expire: async (orderId, deadline) => {
      await settleSoon(await changeOrder(orders, orderId, (order) => expire(order, deadline, now())));
    },

    settle: async (orderId) => {
      const order = await orders.byId(orderId);
      if (order === null) throw new OrderNotFound();
      return settle(order);
    },
  };
}

/** "Lamp: 2 wanted, 1 left". */
function inWords({ items }: Order, rejection: StockRejection): string {
  const titles = new Map<string, string>(items.map(({ postId, title }) => [postId, title]));
  const missing = rejection.items.map(
    ({ postId, wanted, left }) => `${titles.get(postId) ?? postId}: ${wanted} wanted, ${left} left`,
  );
  return missing.join('; ') || rejection.reason;
}
