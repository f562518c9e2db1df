import { testMongo } from '@plaza/local-stack/testing';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { createSandboxPayments } from '../../src/clients/sandbox-payments.ts';
import { buyerModel } from '../../src/data/buyer.model.ts';
import { createBuyerRepository } from '../../src/data/buyer.repository.ts';
import { cartModel } from '../../src/data/cart.model.ts';
import { createCartRepository } from '../../src/data/cart.repository.ts';
import { claimModel } from '../../src/data/claim.model.ts';
import { createClaimRepository } from '../../src/data/claim.repository.ts';
import { orderModels } from '../../src/data/order.model.ts';
import { createOrderRepository } from '../../src/data/order.repository.ts';
import { sandboxLedgerModel } from '../../src/data/sandbox-ledger.model.ts';
import { createSandboxLedger } from '../../src/data/sandbox-ledger.ts';
import { userId } from '../../src/domain/buyer.ts';
import { createErasure } from '../../src/domain/erasure.ts';
import { postId } from '../../src/domain/line.ts';
import { orderId, placeOrder, type OrderId } from '../../src/domain/order.ts';
import { createSaga } from '../../src/domain/saga.service.ts';

const now = () => new Date();
const log = { warn: () => undefined };

/** The domain on a database of its own, without HTTP and without a broker: what is told stays in the outbox. */
export async function openDomain() {
  const mongo = await mongoose
    .createConnection((await testMongo()).uri, { autoIndex: false, bufferCommands: false })
    .asPromise();
  const models = orderModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const orders = createOrderRepository(models.orders, outbox, () => undefined);
  const buyers = createBuyerRepository(buyerModel(mongo), now);
  const payments = createSandboxPayments({
    ledger: createSandboxLedger(sandboxLedgerModel(mongo)),
    newPaymentId: () => 'pay_1',
    dawdle: async () => undefined,
  });
  const saga = createSaga({ orders, payments, log, now });
  const erasure = createErasure({
    buyers,
    orders,
    carts: createCartRepository(cartModel(mongo), now),
    claims: createClaimRepository(claimModel(mongo), now),
    saga,
    log,
    now,
  });

  /** An order of one lamp. */
  async function place(name: string): Promise<OrderId> {
    const id = orderId(name);
    const line = {
      postId: postId('lamp'),
      title: 'Lamp',
      quantity: 1,
      unitPrice: { amount: 1250, currency: 'EUR' },
    };
    const buyer = { userId: userId('123'), name: 'Ada' };
    await orders.add(placeOrder({ id, buyer, items: [line], paymentToken: 'tok_ok' }, now()));
    return id;
  }

  return { orders, buyers, saga, erasure, outbox, place, close: () => mongo.close() };
}

export type Domain = Awaited<ReturnType<typeof openDomain>>;
