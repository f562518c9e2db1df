import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bury } from '../src/domain/post.ts';
import { newOrder, openLedger, type Ledger } from './ledger.ts';

let ledger: Ledger;

beforeAll(async () => {
  ledger = await openLedger();
}, 60_000);
afterAll(() => ledger.close());

describe('an order', () => {
  test('takes all of its items', async () => {
    const [lamp, chair] = [await ledger.offer(3), await ledger.offer(5)];
    const order = newOrder();
    const items = [
      { postId: chair, quantity: 5 },
      { postId: lamp, quantity: 1 },
    ];
    await ledger.replica().reserve(order, items);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 2, held: { [order]: 1 } });
    expect(await ledger.booksOf(chair)).toEqual({ stock: 0, held: { [order]: 5 } });
    expect(await ledger.story(order)).toEqual({ status: 'reserved', events: ['stock.reserved'] });
    expect(await ledger.event(order)).toEqual({ orderId: order, items: items.toReversed() });
  });

  test('takes nothing where one item is short, and hears of each that is', async () => {
    const [lamp, chair, table] = [await ledger.offer(3), await ledger.offer(1), await ledger.offer(0)];
    const order = newOrder();
    await ledger.replica().reserve(order, [
      { postId: lamp, quantity: 1 },
      { postId: chair, quantity: 2 },
      { postId: table, quantity: 1 },
    ]);
    for (const [post, stock] of [
      [lamp, 3],
      [chair, 1],
      [table, 0],
    ] as const) {
      expect(await ledger.booksOf(post)).toEqual({ stock, held: {} });
    }
    expect(await ledger.story(order)).toEqual({ status: 'rejected', events: ['stock.rejected'] });
    expect(await ledger.event(order)).toEqual({
      orderId: order,
      reason: 'out_of_stock',
      items: [
        { postId: chair, wanted: 2, left: 1 },
        { postId: table, wanted: 1, left: 0 },
      ],
    });
  });

  test('that names a post twice wants the sum', async () => {
    const [lamp, chair] = [await ledger.offer(3), await ledger.offer(2)];
    const [enough, tooMuch] = [newOrder(), newOrder()];
    const twice = (postId: typeof lamp) => [
      { postId, quantity: 1 },
      { postId, quantity: 2 },
    ];
    await ledger.replica().reserve(enough, twice(lamp));
    await ledger.replica().reserve(tooMuch, twice(chair));
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 0, held: { [enough]: 3 } });
    expect(await ledger.booksOf(chair)).toEqual({ stock: 2, held: {} });
  });

  test.each(['draft', 'no offer', 'deleted', 'unknown'])(
    'gets nothing of a post that is %s',
    async (what) => {
      const lamp = await ledger.offer(3);
      const order = newOrder();
      const post = await ledger.posts.byId(lamp);
      if (post === null) throw new Error('The post is gone.');
      if (what === 'draft') await ledger.posts.save({ state: { ...post, status: 'draft' }, events: [] });
      if (what === 'no offer') await ledger.posts.save({ state: { ...post, offer: undefined }, events: [] });
      if (what === 'deleted') await ledger.posts.remove(post, bury(post));
      const postId = what === 'unknown' ? (await import('../src/data/post.model.ts')).newPostId() : lamp;
      await ledger.replica().reserve(order, [{ postId, quantity: 1 }]);
      expect(await ledger.event(order)).toEqual({
        orderId: order,
        reason: 'not_for_sale',
        items: [{ postId, wanted: 1, left: 0 }],
      });
    },
  );

  test('that is heard of again takes nothing more, and nobody is told again', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    for (let n = 0; n < 3; n += 1) await ledger.replica().reserve(order, [{ postId: lamp, quantity: 1 }]);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 2, held: { [order]: 1 } });
    expect(await ledger.story(order)).toEqual({ status: 'reserved', events: ['stock.reserved'] });
  });
});

describe('an order that is rejected or cancelled', () => {
  const story = ['stock.reserved', 'stock.released'];

  test('gives back what it holds, once', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    for (let n = 0; n < 3; n += 1) await ledger.replica().release(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'released', events: story });
    expect(await ledger.event(order)).toEqual({ orderId: order, items: [{ postId: lamp, quantity: 2 }] });
  });

  test('before it is heard of takes nothing when it is', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    await ledger.replica().release(order);
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'released', events: [] });
  });

  test('after it was turned away changes nothing', async () => {
    const lamp = await ledger.offer(1);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await ledger.replica().release(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'rejected', events: ['stock.rejected'] });
  });

  test('after it was confirmed changes nothing', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await ledger.replica().consume(order);
    await ledger.replica().release(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'consumed', events: ['stock.reserved'] });
  });

  test('goes on holding nothing where the news of a confirmation comes late', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    await ledger.replica().release(order);
    await ledger.replica().consume(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 3, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'released', events: story });
  });
});

describe('an order that is confirmed', () => {
  test('has bought what it held', async () => {
    const lamp = await ledger.offer(3);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    for (let n = 0; n < 3; n += 1) await ledger.replica().consume(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 1, held: {} });
    expect(await ledger.story(order)).toEqual({ status: 'consumed', events: ['stock.reserved'] });
  });

  test('and holds nothing is a contradiction that somebody has to look at', async () => {
    await expect(ledger.replica().consume(newOrder())).rejects.toMatchObject({ code: 'nothing_reserved' });
  });
});

test('a sweep goes past what cannot be finished', async () => {
  const lamp = await ledger.offer(3);
  const order = newOrder();
  await ledger.leaveBehind('broken', { status: 'rejecting', items: [] }); // for no reason, which cannot be
  await ledger.leaveBehind(order, { status: 'reserving', items: [{ postId: lamp, quantity: 1 }] });
  await expect(ledger.replica().sweep(new Date())).rejects.toThrow('1 of 2 failed.');
  expect(await ledger.story(order)).toEqual({ status: 'reserved', events: ['stock.reserved'] });
});

describe('a post with reservations', () => {
  const held = async () => {
    const lamp = await ledger.offer(5);
    const order = newOrder();
    await ledger.replica().reserve(order, [{ postId: lamp, quantity: 2 }]);
    const post = await ledger.posts.byId(lamp);
    if (post === null) throw new Error('The post is gone.');
    return { lamp, order, post };
  };

  test.each(['release', 'consume'] as const)(
    'may be deleted: the order’s %s goes through',
    async (outcome) => {
      const { lamp, order, post } = await held();
      await ledger.posts.remove(post, bury(post));
      await ledger.replica()[outcome](order);
      expect((await ledger.story(order)).status).toBe(outcome === 'release' ? 'released' : 'consumed');
      expect(await ledger.posts.byId(lamp)).toBeNull();
    },
  );

  test('may stop being an offer: what comes back is for sale no more', async () => {
    const { lamp, order, post } = await held();
    await ledger.posts.save({ state: { ...post, offer: undefined }, events: [] });
    await ledger.replica().release(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: undefined, held: {} });
  });

  test('gets the stock that its author sets besides what is held', async () => {
    const { lamp, order, post } = await held();
    const offer = { price: { amount: 100, currency: 'EUR' }, stock: 10 };
    await ledger.posts.save({ state: { ...post, offer }, events: [] });
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 10, held: { [order]: 2 } });
    await ledger.replica().release(order);
    expect(await ledger.booksOf(lamp)).toEqual({ stock: 12, held: {} });
  });
});
