import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { markPostDeleted } from '../src/domain/post.ts';
import { nextOrderId, openStockStore, type StockStore } from './crash-injection.ts';

let stockStore: StockStore;

beforeAll(async () => {
  stockStore = await openStockStore();
}, 60_000);
afterAll(() => stockStore.close());

describe('an order', () => {
  test('takes all of its items', async () => {
    const [lamp, chair] = [await stockStore.offer(3), await stockStore.offer(5)];
    const order = nextOrderId();
    const items = [
      { postId: chair, quantity: 5 },
      { postId: lamp, quantity: 1 },
    ];
    await stockStore.replica().reserve(order, items);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 2, held: { [order]: 1 } });
    expect(await stockStore.snapshotOf(chair)).toEqual({ stock: 0, held: { [order]: 5 } });
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'reserved',
      events: ['stock.reserved'],
    });
    expect(await stockStore.event(order)).toEqual({ orderId: order, items: items.toReversed() });
  });

  test('takes nothing where one item is short, and hears of each that is', async () => {
    const [lamp, chair, table] = [
      await stockStore.offer(3),
      await stockStore.offer(1),
      await stockStore.offer(0),
    ];
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [
      { postId: lamp, quantity: 1 },
      { postId: chair, quantity: 2 },
      { postId: table, quantity: 1 },
    ]);
    for (const [post, stock] of [
      [lamp, 3],
      [chair, 1],
      [table, 0],
    ] as const) {
      expect(await stockStore.snapshotOf(post)).toEqual({ stock, held: {} });
    }
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'rejected',
      events: ['stock.rejected'],
    });
    expect(await stockStore.event(order)).toEqual({
      orderId: order,
      reason: 'out_of_stock',
      items: [
        { postId: chair, wanted: 2, left: 1 },
        { postId: table, wanted: 1, left: 0 },
      ],
    });
  });

  test('that names a post twice wants the sum', async () => {
    const [lamp, chair] = [await stockStore.offer(3), await stockStore.offer(2)];
    const [enough, tooMuch] = [nextOrderId(), nextOrderId()];
    const twice = (postId: typeof lamp) => [
      { postId, quantity: 1 },
      { postId, quantity: 2 },
    ];
    await stockStore.replica().reserve(enough, twice(lamp));
    await stockStore.replica().reserve(tooMuch, twice(chair));
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 0, held: { [enough]: 3 } });
    expect(await stockStore.snapshotOf(chair)).toEqual({ stock: 2, held: {} });
  });

  test.each(['draft', 'no offer', 'deleted', 'unknown'])(
    'gets nothing of a post that is %s',
    async (what) => {
      const lamp = await stockStore.offer(3);
      const order = nextOrderId();
      const post = await stockStore.posts.findById(lamp);
      if (post === null) throw new Error('The post is gone.');
      if (what === 'draft') await stockStore.posts.save({ state: { ...post, status: 'draft' }, events: [] });
      if (what === 'no offer')
        await stockStore.posts.save({ state: { ...post, offer: undefined }, events: [] });
      if (what === 'deleted') await stockStore.posts.remove(post, markPostDeleted(post));
      const postId = what === 'unknown' ? (await import('../src/data/post.model.ts')).newPostId() : lamp;
      await stockStore.replica().reserve(order, [{ postId, quantity: 1 }]);
      expect(await stockStore.event(order)).toEqual({
        orderId: order,
        reason: 'not_for_sale',
        items: [{ postId, wanted: 1, left: 0 }],
      });
    },
  );

  test('that is requested again reserves nothing more and has no new event', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    for (let n = 0; n < 3; n += 1) await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 1 }]);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 2, held: { [order]: 1 } });
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'reserved',
      events: ['stock.reserved'],
    });
  });
});

describe('an order that is rejected or cancelled', () => {
  const story = ['stock.reserved', 'stock.released'];

  test('gives back what it holds, once', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    for (let n = 0; n < 3; n += 1) await stockStore.replica().release(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({ status: 'released', events: story });
    expect(await stockStore.event(order)).toEqual({ orderId: order, items: [{ postId: lamp, quantity: 2 }] });
  });

  test('before it is heard of takes nothing when it is', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    await stockStore.replica().release(order);
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({ status: 'released', events: [] });
  });

  test('after it was turned away changes nothing', async () => {
    const lamp = await stockStore.offer(1);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await stockStore.replica().release(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'rejected',
      events: ['stock.rejected'],
    });
  });

  test('after it was confirmed changes nothing', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await stockStore.replica().consume(order);
    await stockStore.replica().release(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'consumed',
      events: ['stock.reserved'],
    });
  });

  test('goes on holding nothing where the news of a confirmation comes late', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await stockStore.replica().release(order);
    await stockStore.replica().consume(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({ status: 'released', events: story });
  });
});

describe('an order that is confirmed', () => {
  test('has bought what it held', async () => {
    const lamp = await stockStore.offer(3);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    for (let n = 0; n < 3; n += 1) await stockStore.replica().consume(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await stockStore.reservationState(order)).toEqual({
      status: 'consumed',
      events: ['stock.reserved'],
    });
  });

  test('and holds nothing is a contradiction that goes to the dead letters', async () => {
    await expect(stockStore.replica().consume(nextOrderId())).rejects.toMatchObject({
      code: 'nothing_reserved',
    });
  });
});

test('the recovery goes past what cannot be finished', async () => {
  const lamp = await stockStore.offer(3);
  const order = nextOrderId();
  await stockStore.createAbandoned('broken', { status: 'rejecting', items: [] }); // for no reason, which cannot be
  await stockStore.createAbandoned(order, { status: 'reserving', items: [{ postId: lamp, quantity: 1 }] });
  await expect(stockStore.replica().recoverUnfinished(new Date())).rejects.toThrow('1 of 2 failed.');
  expect(await stockStore.reservationState(order)).toEqual({
    status: 'reserved',
    events: ['stock.reserved'],
  });
});

describe('a post with reservations', () => {
  const held = async () => {
    const lamp = await stockStore.offer(5);
    const order = nextOrderId();
    await stockStore.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    const post = await stockStore.posts.findById(lamp);
    if (post === null) throw new Error('The post is gone.');
    return { lamp, order, post };
  };

  test.each(['release', 'consume'] as const)(
    'may be deleted: the order’s %s goes through',
    async (outcome) => {
      const { lamp, order, post } = await held();
      await stockStore.posts.remove(post, markPostDeleted(post));
      await stockStore.replica()[outcome](order);
      expect((await stockStore.reservationState(order)).status).toBe(
        outcome === 'release' ? 'released' : 'consumed',
      );
      expect(await stockStore.posts.findById(lamp)).toBeNull();
    },
  );

  test('may stop being an offer: what comes back is for sale no more', async () => {
    const { lamp, order, post } = await held();
    await stockStore.posts.save({ state: { ...post, offer: undefined }, events: [] });
    await stockStore.replica().release(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: undefined, held: {} });
  });

  test('gets the stock that its author sets besides what is held', async () => {
    const { lamp, order, post } = await held();
    const offer = { price: { amount: 100, currency: 'EUR' }, stock: 10 };
    await stockStore.posts.save({ state: { ...post, offer }, events: [] });
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 10, held: { [order]: 2 } });
    await stockStore.replica().release(order);
    expect(await stockStore.snapshotOf(lamp)).toEqual({ stock: 12, held: {} });
  });
});
