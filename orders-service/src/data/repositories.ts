import { randomUUID } from 'node:crypto';
import { createOutbox } from '@plaza/messaging';
import type { Connection } from 'mongoose';
import type { OrderId } from '../domain/order.ts';
import { buyerModel } from './buyer.model.ts';
import { createBuyerRepository } from './buyer.repository.ts';
import { cartModel } from './cart.model.ts';
import { createCartRepository } from './cart.repository.ts';
import { createDistributedLock, lockModel } from './distributed-lock.ts';
import { idempotencyKeyModel } from './idempotency-key.model.ts';
import { createIdempotencyKeyRepository } from './idempotency-key.repository.ts';
import { orderModels } from './order.model.ts';
import { createOrderRepository } from './order.repository.ts';
import { paymentLedgerModel } from './payment-ledger.model.ts';
import { createPaymentLedgerRepository } from './payment-ledger.repository.ts';

export interface OrdersRepositoriesOptions {
  readonly now: () => Date;
  /** Called after each stored change of an order. */
  readonly onOrderChanged: (id: OrderId) => void;
  /** Milliseconds from one reconciliation of a replica to the next. */
  readonly reconcileEveryMs: number;
}

/** Everything that this service stores, and the outbox of its events. */
export function createRepositories(mongo: Connection, options: OrdersRepositoriesOptions) {
  const { now, onOrderChanged, reconcileEveryMs } = options;
  const models = orderModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  return {
    outbox,
    orders: createOrderRepository(models.orders, outbox, onOrderChanged),
    buyers: createBuyerRepository(buyerModel(mongo), now),
    carts: createCartRepository(cartModel(mongo), now),
    idempotencyKeys: createIdempotencyKeyRepository(idempotencyKeyModel(mongo), now),
    ledger: createPaymentLedgerRepository(paymentLedgerModel(mongo)),
    reconciliationLock: createDistributedLock({
      model: lockModel(mongo),
      name: 'sweep',
      owner: randomUUID(),
      // A job's pause is jittered up to 1.25 intervals; twice that keeps the lock with a live replica.
      durationMs: 2.5 * reconcileEveryMs,
      now,
    }),
  };
}
