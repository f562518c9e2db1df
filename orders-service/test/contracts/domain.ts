import { testMongo } from '@plaza/local-stack/testing';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { createFakePaymentProvider } from '../../src/clients/fake-payment-provider.ts';
import { buyerModel } from '../../src/data/buyer.model.ts';
import { createBuyerRepository } from '../../src/data/buyer.repository.ts';
import { cartModel } from '../../src/data/cart.model.ts';
import { createCartRepository } from '../../src/data/cart.repository.ts';
import { idempotencyKeyModel } from '../../src/data/idempotency-key.model.ts';
import { createIdempotencyKeyRepository } from '../../src/data/idempotency-key.repository.ts';
import { orderModels } from '../../src/data/order.model.ts';
import { createOrderRepository } from '../../src/data/order.repository.ts';
import { paymentLedgerModel } from '../../src/data/payment-ledger.model.ts';
import { createPaymentLedgerRepository } from '../../src/data/payment-ledger.repository.ts';
import { toBuyerId } from '../../src/domain/buyer.ts';
import { createAccountDeletionService } from '../../src/domain/account-deletion.service.ts';
import { toProductId } from '../../src/domain/order-line.ts';
import { toOrderId, placeOrder, type OrderId } from '../../src/domain/order.ts';
import { createOrderSagaService } from '../../src/domain/order-saga.service.ts';

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
  const payments = createFakePaymentProvider({
    ledger: createPaymentLedgerRepository(paymentLedgerModel(mongo)),
    newPaymentId: () => 'pay_1',
    delay: async () => undefined,
  });
  const saga = createOrderSagaService({ orders, payments, log, now });
  const accountDeletion = createAccountDeletionService({
    buyers,
    orders,
    carts: createCartRepository(cartModel(mongo), now),
    idempotencyKeys: createIdempotencyKeyRepository(idempotencyKeyModel(mongo), now),
    saga,
    log,
    now,
  });

  /** An order of one lamp. */
  async function place(name: string): Promise<OrderId> {
    const id = toOrderId(name);
    const line = {
      postId: toProductId('lamp'),
      title: 'Lamp',
      quantity: 1,
      unitPrice: { amount: 1250, currency: 'EUR' },
    };
    const buyer = { userId: toBuyerId('123'), name: 'Ada' };
    await orders.add(placeOrder({ id, buyer, items: [line], paymentToken: 'tok_ok' }, now()));
    return id;
  }

  return { orders, buyers, saga, accountDeletion, outbox, place, close: () => mongo.close() };
}

export type Domain = Awaited<ReturnType<typeof openDomain>>;
