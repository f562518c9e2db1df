import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createFakePaymentProvider } from '../src/clients/fake-payment-provider.ts';
import { newOrderId } from '../src/data/order.model.ts';
import { toBuyerId } from '../src/domain/buyer.ts';
import { createAccountDeletionService } from '../src/domain/account-deletion.service.ts';
import { toProductId } from '../src/domain/order-line.ts';
import { placeOrder } from '../src/domain/order.ts';
import { createOrderSagaService } from '../src/domain/order-saga.service.ts';
import { createReconcileOrdersJob } from '../src/jobs/reconcile-orders.job.ts';
import { fakeClock } from './fixture.ts';
import { openTestStores, type TestStores } from './test-stores.ts';

const DURATION_MS = 10_000;
const clock = fakeClock();
let stores: TestStores;

beforeAll(async () => {
  stores = await openTestStores(clock.now);
});
afterAll(() => stores.close());
beforeEach(() => stores.empty());

describe('a lock', () => {
  test('is held by one replica, again and again', async () => {
    const [one, other] = [stores.lock('one', DURATION_MS), stores.lock('other', DURATION_MS)];
    for (let n = 0; n < 3; n += 1) {
      expect(await one.acquire()).toBe(true);
      expect(await other.acquire()).toBe(false);
      clock.advance(DURATION_MS - 1_000);
    }
  });

  test('goes to another replica when its holder is silent, and does not come back', async () => {
    const [one, other] = [stores.lock('one', DURATION_MS), stores.lock('other', DURATION_MS)];
    await one.acquire();
    clock.advance(DURATION_MS + 1);
    expect(await other.acquire()).toBe(true);
    expect(await one.acquire()).toBe(false);
  });

  test('goes to one of many that ask at once, first and later', async () => {
    const replicas = Array.from({ length: 10 }, (_, n) => stores.lock(`replica ${n}`, DURATION_MS));
    for (let n = 0; n < 2; n += 1) {
      const held = await Promise.all(replicas.map((replica) => replica.acquire()));
      expect(held.filter(Boolean)).toHaveLength(1);
      clock.advance(DURATION_MS + 1);
    }
  });
});

test('a replica that does not hold the lock reconciles nothing', async () => {
  const { orders, buyers, carts, idempotencyKeys, ledger } = stores;
  const log = { warn: () => undefined };
  const { now } = clock;
  const payments = createFakePaymentProvider({
    ledger,
    newPaymentId: () => 'pay1',
    delay: async () => undefined,
  });
  const saga = createOrderSagaService({ orders, payments, log, now });
  const accountDeletion = createAccountDeletionService({
    buyers,
    orders,
    carts,
    idempotencyKeys,
    saga,
    log,
    now,
  });
  const createJobAs = (owner: string) =>
    createReconcileOrdersJob({
      lock: stores.lock(owner, DURATION_MS),
      orders,
      saga,
      accountDeletion,
      pendingMs: 0,
      log,
      now,
    });
  const [one, other] = [createJobAs('one'), createJobAs('other')];
  const calm = new AbortController().signal;

  await one(calm);
  const placed = placeOrder(
    {
      id: newOrderId(),
      buyer: { userId: toBuyerId('ada'), name: 'Ada' },
      items: [
        {
          postId: toProductId('lamp'),
          title: 'Lamp',
          quantity: 1,
          unitPrice: { amount: 1, currency: 'EUR' },
        },
      ],
      paymentToken: 'tok_ok',
    },
    now(),
  );
  await orders.add(placed);
  await other(calm);
  expect(await orders.findById(placed.state.id)).toMatchObject({ status: 'pending' });
  await one(calm);
  expect(await orders.findById(placed.state.id)).toMatchObject({ status: 'cancelled' });
});
