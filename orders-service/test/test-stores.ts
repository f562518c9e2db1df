import { testMongo } from '@plaza/local-stack/testing';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { buyerModel } from '../src/data/buyer.model.ts';
import { createBuyerRepository } from '../src/data/buyer.repository.ts';
import { cartModel } from '../src/data/cart.model.ts';
import { createCartRepository } from '../src/data/cart.repository.ts';
import { idempotencyKeyModel } from '../src/data/idempotency-key.model.ts';
import { createIdempotencyKeyRepository } from '../src/data/idempotency-key.repository.ts';
import { createDistributedLock, lockModel } from '../src/data/distributed-lock.ts';
import { orderModels } from '../src/data/order.model.ts';
import { createOrderRepository } from '../src/data/order.repository.ts';
import { paymentLedgerModel } from '../src/data/payment-ledger.model.ts';
import { createPaymentLedgerRepository } from '../src/data/payment-ledger.repository.ts';

/** All that the service keeps, on a database of the test file's own, without jobs or a relay. */
export async function openTestStores(now: () => Date = () => new Date()) {
  const mongo = await mongoose
    .createConnection((await testMongo()).uri, { bufferCommands: false })
    .asPromise();
  const models = orderModels(mongo);
  const locks = lockModel(mongo);
  const stores = {
    orders: createOrderRepository(
      models.orders,
      createOutbox({ model: models.outboxed, now }),
      () => undefined,
    ),
    buyers: createBuyerRepository(buyerModel(mongo), now),
    carts: createCartRepository(cartModel(mongo), now),
    idempotencyKeys: createIdempotencyKeyRepository(idempotencyKeyModel(mongo), now),
    ledger: createPaymentLedgerRepository(paymentLedgerModel(mongo)),
    lock: (owner: string, durationMs: number) =>
      createDistributedLock({ model: locks, name: 'sweep', owner, durationMs, now }),
    /** Orders with their outboxes, as they are kept. */
    documents: () => models.orders.find().lean(),
    model: models.orders,
    empty: () => Promise.all(Object.values(mongo.collections).map((all) => all.deleteMany({}))),
    close: () => mongo.close(),
  };
  await mongo.syncIndexes();
  return stores;
}

export type TestStores = Awaited<ReturnType<typeof openTestStores>>;
