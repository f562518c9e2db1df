import { testMongo } from '@plaza/local-stack/testing';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { buyerModel } from '../src/data/buyer.model.ts';
import { createBuyerRepository } from '../src/data/buyer.repository.ts';
import { cartModel } from '../src/data/cart.model.ts';
import { createCartRepository } from '../src/data/cart.repository.ts';
import { claimModel } from '../src/data/claim.model.ts';
import { createClaimRepository } from '../src/data/claim.repository.ts';
import { createLease, leaseModel } from '../src/data/lease.ts';
import { orderModels } from '../src/data/order.model.ts';
import { createOrderRepository } from '../src/data/order.repository.ts';
import { sandboxLedgerModel } from '../src/data/sandbox-ledger.model.ts';
import { createSandboxLedger } from '../src/data/sandbox-ledger.ts';

/** All that the service keeps, on a database of the test file's own, without anybody who sweeps or relays. */
export async function openStores(now: () => Date = () => new Date()) {
  const mongo = await mongoose
    .createConnection((await testMongo()).uri, { bufferCommands: false })
    .asPromise();
  const models = orderModels(mongo);
  const leases = leaseModel(mongo);
  const stores = {
    orders: createOrderRepository(
      models.orders,
      createOutbox({ model: models.outboxed, now }),
      () => undefined,
    ),
    buyers: createBuyerRepository(buyerModel(mongo), now),
    carts: createCartRepository(cartModel(mongo), now),
    claims: createClaimRepository(claimModel(mongo), now),
    ledger: createSandboxLedger(sandboxLedgerModel(mongo)),
    lease: (owner: string, lastsMs: number) =>
      createLease({ model: leases, name: 'sweep', owner, lastsMs, now }),
    /** Orders with their outboxes, as they are kept. */
    documents: () => models.orders.find().lean(),
    model: models.orders,
    empty: () => Promise.all(Object.values(mongo.collections).map((all) => all.deleteMany({}))),
    close: () => mongo.close(),
  };
  await mongo.syncIndexes();
  return stores;
}

export type Kept = Awaited<ReturnType<typeof openStores>>;
