import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSandboxPayments } from '../src/clients/sandbox-payments.ts';
import { newOrderId } from '../src/data/order.model.ts';
import { userId } from '../src/domain/buyer.ts';
import { createErasure } from '../src/domain/erasure.ts';
import { postId } from '../src/domain/line.ts';
import { placeOrder } from '../src/domain/order.ts';
import { createSaga } from '../src/domain/saga.service.ts';
import { createSweep } from '../src/domain/sweep.ts';
import { handClock } from './fixture.ts';
import { openStores, type Kept } from './stores.ts';

const LASTS_MS = 10_000;
const clock = handClock();
let stores: Kept;

beforeAll(async () => {
  stores = await openStores(clock.now);
});
afterAll(() => stores.close());
beforeEach(() => stores.empty());

describe('a lease', () => {
  test('is held by one replica, again and again', async () => {
    const [one, other] = [stores.lease('one', LASTS_MS), stores.lease('other', LASTS_MS)];
    for (let n = 0; n < 3; n += 1) {
      expect(await one.hold()).toBe(true);
      expect(await other.hold()).toBe(false);
      clock.advance(LASTS_MS - 1_000);
    }
  });

  test('goes to another replica when its holder is silent, and does not come back', async () => {
    const [one, other] = [stores.lease('one', LASTS_MS), stores.lease('other', LASTS_MS)];
    await one.hold();
    clock.advance(LASTS_MS + 1);
    expect(await other.hold()).toBe(true);
    expect(await one.hold()).toBe(false);
  });

  test('goes to one of many that ask at once, first and later', async () => {
    const replicas = Array.from({ length: 10 }, (_, n) => stores.lease(`replica ${n}`, LASTS_MS));
    for (let n = 0; n < 2; n += 1) {
      const held = await Promise.all(replicas.map((replica) => replica.hold()));
      expect(held.filter(Boolean)).toHaveLength(1);
      clock.advance(LASTS_MS + 1);
    }
  });
});

test('whoever does not hold the lease sweeps nothing', async () => {
  const { orders, buyers, carts, claims, ledger } = stores;
  const log = { warn: () => undefined };
  const { now } = clock;
  const payments = createSandboxPayments({
    ledger,
    newPaymentId: () => 'pay1',
    dawdle: async () => undefined,
  });
  const saga = createSaga({ orders, payments, log, now });
  const erasure = createErasure({ buyers, orders, carts, claims, saga, log, now });
  const sweepAs = (owner: string) =>
    createSweep({ lease: stores.lease(owner, LASTS_MS), orders, saga, erasure, pendingMs: 0, log, now });
  const [one, other] = [sweepAs('one'), sweepAs('other')];
  const calm = new AbortController().signal;

  await one(calm);
  const placed = placeOrder(
    {
      id: newOrderId(),
      buyer: { userId: userId('ada'), name: 'Ada' },
      items: [
        { postId: postId('lamp'), title: 'Lamp', quantity: 1, unitPrice: { amount: 1, currency: 'EUR' } },
      ],
      paymentToken: 'tok_ok',
    },
    now(),
  );
  await orders.add(placed);
  await other(calm);
  expect(await orders.byId(placed.state.id)).toMatchObject({ status: 'pending' });
  await one(calm);
  expect(await orders.byId(placed.state.id)).toMatchObject({ status: 'cancelled' });
});
