import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, handClock } from './fixture.ts';
import { openMarket, steps, untilOrder, type Market } from './market.ts';

const clock = handClock();
let market: Market;
beforeAll(async () => {
  market = await openMarket({ outside: clock });
});
afterAll(() => market.close());

const named = (name: string) => (order: { buyer: { name: string } | null }) =>
  expect(order.buyer?.name).toBe(name);
const isIn = (status: string) => (order: { status: string }) => expect(order.status).toBe(status);

describe('a buyer', () => {
  test('is called as the users service says, also on orders of before', async () => {
    const ada = await market.person();
    await market.bus.user('created', ada.id, 1, 'Ada');
    const first = await eventually(async () => {
      const id = await market.place(ada);
      named('Ada')(await market.read(id));
      return id;
    });
    await market.bus.user('updated', ada.id, 2, 'Ada King');
    await untilOrder(market, first, named('Ada King'));
  });

  test('is called by the username while nothing is known of them', async () => {
    const ada = await market.person();
    named(ada.id)(await market.read(await market.place(ada)));
  });

  test('keeps the newest name, whatever comes after it', async () => {
    const [ada, bob] = [await market.person(), await market.person()];
    const id = await market.place(ada);
    const last = await market.place(bob);
    await market.bus.user('updated', ada.id, 3, 'newest');
    await market.bus.user('created', ada.id, 1, 'oldest');
    await market.bus.user('updated', ada.id, 2, 'older');
    await market.bus.user('updated', ada.id, 3, 'again');
    await market.bus.user('created', bob.id, 1, 'Bob');
    await untilOrder(market, last, named('Bob'));
    await eventually(async () => named('newest')(await market.read(id)));
  });
});

describe('a deleted account', () => {
  test('has its pending orders cancelled, and leaves nothing personal', async () => {
    const ada = await market.person();
    await market.bus.user('created', ada.id, 1, 'Ada Lovelace');
    const confirmed = await market.place(ada);
    await market.bus.stock('reserved', confirmed);
    await untilOrder(market, confirmed, isIn('confirmed'));
    const pending = await market.place(ada);
    await market.orders.http.put('/cart/items/lamp').set(ada.headers).send({ quantity: 1 }).expect(200);
    await market.orders.http
      .post('/orders')
      .set({ ...ada.headers, 'Idempotency-Key': 'k' })
      .send({ items: [{ postId: 'lamp', quantity: 1 }] })
      .expect(202);

    await market.bus.user('deleted', ada.id, 2);
    const cancelled = await untilOrder(market, pending, (order) => expect(order.buyer).toBeNull());
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'account_deleted', userId: null });
    expect(await market.read(confirmed)).toMatchObject({ status: 'confirmed', buyer: null, userId: null });
    await eventually(() => expect(market.bus.typesOf(pending)).toEqual(['order.created', 'order.cancelled']));

    await eventually(async () => {
      for (const name of ['orders', 'carts', 'idempotencykeys']) {
        const left = await market.database.collection(name).find().toArray();
        expect(JSON.stringify(left)).not.toMatch(new RegExp(`"${ada.id}|Lovelace`));
      }
    });
  });

  test('gets its money back before it is forgotten', async () => {
    const ada = await market.person();
    const id = await market.place(ada);
    await market.database.collection('sandboxpayments').insertOne(
      // what a crash between the charge and the news of it leaves
      {
        _id: id,
        entry: { state: 'processed', paymentId: 'pay1', amount: { amount: 2500, currency: 'EUR' } },
      },
    );
    await market.database
      .collection('orders')
      .updateOne(
        { _id: id },
        { $set: { stock: 'reserved', payment: { state: 'charging', token: 'tok_ok' } } },
      );
    await market.bus.user('deleted', ada.id, 2);
    const order = await untilOrder(market, id, (order) => expect(order.buyer).toBeNull());
    expect(steps(order)).toEqual([
      'order.created',
      'order.cancelled',
      'payment.processed',
      'payment.refunded',
    ]);
    await eventually(() =>
      expect(market.bus.of(id).at(-1)).toMatchObject({
        eventType: 'payment.refunded',
        data: { userId: ada.id, paymentId: 'pay1' },
      }),
    );
  });

  test('buys nothing with the tokens that it still has', async () => {
    const ada = await market.person();
    await market.bus.user('deleted', ada.id, 2);
    await eventually(async () => {
      const items = [{ postId: 'lamp', quantity: 1 }];
      const response = await market.orders.http.post('/orders').set(ada.headers).send({ items });
      expect([response.status, response.body.code]).toEqual([403, 'account_deleted']);
    });
    for (const response of [
      await market.orders.http.put('/cart/items/lamp').set(ada.headers).send({ quantity: 1 }),
      await market.orders.http.post('/checkout').set(ada.headers),
    ]) {
      expect([response.status, response.body.code]).toEqual([403, 'account_deleted']);
    }
  });

  test('does not come back with late news', async () => {
    const [ada, bob] = [await market.person(), await market.person()];
    await market.bus.user('deleted', ada.id, 5);
    await market.bus.user('updated', ada.id, 4, 'Ada');
    await market.bus.user('created', bob.id, 1, 'Bob');
    const last = await market.place(bob);
    await untilOrder(market, last, named('Bob'));
    await eventually(async () => {
      const copy = await market.database.collection('buyers').findOne({ _id: ada.id });
      expect(copy).toMatchObject({ seq: 5, goneSince: expect.any(Date) });
      expect(copy).not.toHaveProperty('name');
    });
  });

  test('takes an order with it that was on its way when it went', async () => {
    const ada = await market.person();
    await market.bus.user('deleted', ada.id, 2);
    const copy = () => market.database.collection('buyers').findOne({ _id: ada.id });
    await eventually(async () => expect(await copy()).not.toBeNull());
    clock.advance(50_000);
    await sweepEnds();
    const late = await market.place(await market.person());
    await market.database
      .collection('orders')
      .updateOne({ _id: late }, { $set: { buyer: { userId: ada.id, name: 'Ada' } } });
    const order = await untilOrder(market, late, ({ buyer }) => expect(buyer).toBeNull());
    expect(order.status).toBe('cancelled');
    clock.advance(11_000);
    await eventually(async () => expect(await copy()).not.toHaveProperty('toErase'));
  });
});

/** Each sweep renews its lease first: with the second renewal from now, one sweep has begun and ended. */
async function sweepEnds() {
  const renewed = async () =>
    (await market.database.collection('leases').findOne({ _id: 'sweep' }))?.['until'];
  for (let n = 0; n < 2; n += 1) {
    const before = await renewed();
    await eventually(async () => expect(await renewed()).not.toEqual(before));
  }
}
