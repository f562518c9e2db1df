import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, fakeClock } from './fixture.ts';
import { openOrdersTestApp, timelineEvents, waitForOrder, type OrdersTestApp } from './orders-test-app.ts';

const clock = fakeClock();
let testApp: OrdersTestApp;
beforeAll(async () => {
  testApp = await openOrdersTestApp({ dependencies: clock });
});
afterAll(() => testApp.close());

const named = (name: string) => (order: { buyer: { name: string } | null }) =>
  expect(order.buyer?.name).toBe(name);
const isIn = (status: string) => (order: { status: string }) => expect(order.status).toBe(status);

describe('a buyer', () => {
  test('is called as the users service says, also on orders of before', async () => {
    const ada = await testApp.person();
    await testApp.bus.publishUserEvent('created', ada.id, 1, 'Ada');
    const first = await eventually(async () => {
      const id = await testApp.place(ada);
      named('Ada')(await testApp.read(id));
      return id;
    });
    await testApp.bus.publishUserEvent('updated', ada.id, 2, 'Ada King');
    await waitForOrder(testApp, first, named('Ada King'));
  });

  test('is called by the username while nothing is known of them', async () => {
    const ada = await testApp.person();
    named(ada.id)(await testApp.read(await testApp.place(ada)));
  });

  test('keeps the newest name, whatever comes after it', async () => {
    const [ada, bob] = [await testApp.person(), await testApp.person()];
    const id = await testApp.place(ada);
    const last = await testApp.place(bob);
    await testApp.bus.publishUserEvent('updated', ada.id, 3, 'newest');
    await testApp.bus.publishUserEvent('created', ada.id, 1, 'oldest');
    await testApp.bus.publishUserEvent('updated', ada.id, 2, 'older');
    await testApp.bus.publishUserEvent('updated', ada.id, 3, 'again');
    await testApp.bus.publishUserEvent('created', bob.id, 1, 'Bob');
    await waitForOrder(testApp, last, named('Bob'));
    await eventually(async () => named('newest')(await testApp.read(id)));
  });
});

describe('a deleted account', () => {
  test('has its pending orders cancelled, and leaves nothing personal', async () => {
    const ada = await testApp.person();
    await testApp.bus.publishUserEvent('created', ada.id, 1, 'Ada Lovelace');
    const confirmed = await testApp.place(ada);
    await testApp.bus.publishStockEvent('reserved', confirmed);
    await waitForOrder(testApp, confirmed, isIn('confirmed'));
    const pending = await testApp.place(ada);
    await testApp.orders.http.put('/cart/items/lamp').set(ada.headers).send({ quantity: 1 }).expect(200);
    await testApp.orders.http
      .post('/orders')
      .set({ ...ada.headers, 'Idempotency-Key': 'k' })
      .send({ items: [{ postId: 'lamp', quantity: 1 }] })
      .expect(202);

    await testApp.bus.publishUserEvent('deleted', ada.id, 2);
    const cancelled = await waitForOrder(testApp, pending, (order) => expect(order.buyer).toBeNull());
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'account_deleted', userId: null });
    expect(await testApp.read(confirmed)).toMatchObject({ status: 'confirmed', buyer: null, userId: null });
    await eventually(() =>
      expect(testApp.bus.eventTypesOf(pending)).toEqual(['order.created', 'order.cancelled']),
    );

    await eventually(async () => {
      for (const name of ['orders', 'carts', 'idempotencykeys']) {
        const left = await testApp.database.collection(name).find().toArray();
        expect(JSON.stringify(left)).not.toMatch(new RegExp(`"${ada.id}|Lovelace`));
      }
    });
  });

  test('gets its money back before it is forgotten', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.database.collection('sandboxpayments').insertOne(
      // what a crash between the charge and the news of it leaves
      {
        _id: id,
        entry: { state: 'processed', paymentId: 'pay1', amount: { amount: 2500, currency: 'EUR' } },
      },
    );
    await testApp.database
      .collection('orders')
      .updateOne(
        { _id: id },
        { $set: { stock: 'reserved', payment: { state: 'charging', token: 'tok_ok' } } },
      );
    await testApp.bus.publishUserEvent('deleted', ada.id, 2);
    const order = await waitForOrder(testApp, id, (order) => expect(order.buyer).toBeNull());
    expect(timelineEvents(order)).toEqual([
      'order.created',
      'order.cancelled',
      'payment.processed',
      'payment.refunded',
    ]);
    await eventually(() =>
      expect(testApp.bus.eventsOf(id).at(-1)).toMatchObject({
        eventType: 'payment.refunded',
        data: { userId: ada.id, paymentId: 'pay1' },
      }),
    );
  });

  test('buys nothing with the tokens that it still has', async () => {
    const ada = await testApp.person();
    await testApp.bus.publishUserEvent('deleted', ada.id, 2);
    await eventually(async () => {
      const items = [{ postId: 'lamp', quantity: 1 }];
      const response = await testApp.orders.http.post('/orders').set(ada.headers).send({ items });
      expect([response.status, response.body.code]).toEqual([403, 'account_deleted']);
    });
    for (const response of [
      await testApp.orders.http.put('/cart/items/lamp').set(ada.headers).send({ quantity: 1 }),
      await testApp.orders.http.post('/checkout').set(ada.headers),
    ]) {
      expect([response.status, response.body.code]).toEqual([403, 'account_deleted']);
    }
  });

  test('does not come back with late news', async () => {
    const [ada, bob] = [await testApp.person(), await testApp.person()];
    await testApp.bus.publishUserEvent('deleted', ada.id, 5);
    await testApp.bus.publishUserEvent('updated', ada.id, 4, 'Ada');
    await testApp.bus.publishUserEvent('created', bob.id, 1, 'Bob');
    const last = await testApp.place(bob);
    await waitForOrder(testApp, last, named('Bob'));
    await eventually(async () => {
      const copy = await testApp.database.collection('buyers').findOne({ _id: ada.id });
      expect(copy).toMatchObject({ seq: 5, goneSince: expect.any(Date) });
      expect(copy).not.toHaveProperty('name');
    });
  });

  test('takes an order with it that was on its way when it went', async () => {
    const ada = await testApp.person();
    await testApp.bus.publishUserEvent('deleted', ada.id, 2);
    const copy = () => testApp.database.collection('buyers').findOne({ _id: ada.id });
    await eventually(async () => expect(await copy()).not.toBeNull());
    clock.advance(50_000);
    await reconciliationEnds();
    const late = await testApp.place(await testApp.person());
    await testApp.database
      .collection('orders')
      .updateOne({ _id: late }, { $set: { buyer: { userId: ada.id, name: 'Ada' } } });
    const order = await waitForOrder(testApp, late, ({ buyer }) => expect(buyer).toBeNull());
    expect(order.status).toBe('cancelled');
    clock.advance(11_000);
    await eventually(async () => expect(await copy()).not.toHaveProperty('toErase'));
  });
});

/** Each reconciliation renews its lock first: with the second renewal from now, one has begun and ended. */
async function reconciliationEnds() {
  const renewed = async () =>
    (await testApp.database.collection('leases').findOne({ _id: 'sweep' }))?.['until'];
  for (let n = 0; n < 2; n += 1) {
    const before = await renewed();
    await eventually(async () => expect(await renewed()).not.toEqual(before));
  }
}
