import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newOrderId } from '../src/data/order.model.ts';
import { userId } from '../src/domain/buyer.ts';
import { postId } from '../src/domain/line.ts';
import { createOrderFeed } from '../src/domain/order-feed.ts';
import { cancel, stockReserved } from '../src/domain/order-saga.ts';
import { TooManyStreams } from '../src/domain/order.errors.ts';
import { placeOrder, type Order, type OrderId } from '../src/domain/order.ts';
import { eventually } from '@plaza/local-stack/testing';
import { openStores, type Kept } from './stores.ts';

let stores: Kept;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.empty());

async function place(): Promise<OrderId> {
  const unitPrice = { amount: 1250, currency: 'EUR' };
  const placed = placeOrder(
    {
      id: newOrderId(),
      buyer: { userId: userId('ada'), name: 'Ada' },
      items: [{ postId: postId('lamp'), title: 'Lamp', quantity: 1, unitPrice }],
      paymentToken: 'tok_ok',
    },
    new Date(),
  );
  await stores.orders.add(placed);
  return placed.state.id;
}

async function change(id: OrderId, rule: (order: Order) => ReturnType<typeof cancel>) {
  const order = await stores.orders.byId(id);
  if (order !== null) await stores.orders.save(rule(order));
}

/** A feed that looks when it is told to; `reads` counts the orders that it read whole. */
function feedOf({ most }: { most?: number } = {}) {
  let look: () => void = () => undefined;
  const counted = { reads: 0 };
  const feed = createOrderFeed({
    orders: {
      ...stores.orders,
      byId: (id) => {
        counted.reads += 1;
        return stores.orders.byId(id);
      },
    },
    pause: () => new Promise((resolve) => (look = resolve)),
    log: { warn: () => undefined },
    ...(most === undefined ? {} : { most }),
  });
  return { ...feed, look: () => look(), counted };
}

/** Follows an order; what was seen of it so far, and whether that is all. */
function watch(feed: ReturnType<typeof feedOf>, id: OrderId) {
  const leave = new AbortController();
  const seen = { statuses: [] as string[], ended: false };
  const versions = feed.follow(id, leave.signal);
  const reading = (async () => {
    for await (const { status, stock } of versions) seen.statuses.push(`${status}, ${stock}`);
    seen.ended = true;
  })();
  return { seen, leave: () => leave.abort(), reading };
}

const reserve = (order: Order) => stockReserved(order, new Date());
const callOff = (order: Order) => cancel(order, 'cancelled_by_buyer', new Date());

describe('a feed', () => {
  test('has the order as it is, then each change that a look finds, and ends with the order', async () => {
    const id = await place();
    const feed = feedOf();
    const { seen, reading } = watch(feed, id);
    await eventually(() => expect(seen.statuses).toEqual(['pending, awaited']));
    await change(id, callOff);
    feed.look();
    await reading;
    expect(seen.statuses).toEqual(['pending, awaited', 'cancelled, awaited']);
  });

  test('does not wait for a look where it is told of a change', async () => {
    const id = await place();
    const feed = feedOf();
    const { seen, leave, reading } = watch(feed, id);
    await eventually(() => expect(seen.statuses).toHaveLength(1));
    await change(id, reserve);
    feed.changed(id);
    await eventually(() => expect(seen.statuses).toEqual(['pending, awaited', 'pending, reserved']));
    leave();
    await reading;
  });

  test('reads only those orders again that have changed', async () => {
    const [one, other] = [await place(), await place()];
    const feed = feedOf();
    const followed = [watch(feed, one), watch(feed, other)];
    await eventually(() => expect(followed.map(({ seen }) => seen.statuses.length)).toEqual([1, 1]));
    expect(feed.counted.reads).toBe(2);
    await change(one, callOff);
    feed.look();
    await followed[0]?.reading;
    expect(feed.counted.reads).toBe(3);
    feed.close();
    await Promise.all(followed.map(({ reading }) => reading));
  });

  test('ends when it closes, whatever the order does', async () => {
    const feed = feedOf();
    const { seen, reading } = watch(feed, await place());
    await eventually(() => expect(seen.statuses).toHaveLength(1));
    feed.close();
    await reading;
    expect(seen.ended).toBe(true);
  });

  test('takes as many followers as it is made for, and another one when one has gone', async () => {
    const id = await place();
    const feed = feedOf({ most: 1 });
    const first = watch(feed, id);
    await eventually(() => expect(first.seen.statuses).toHaveLength(1));
    expect(() => feed.follow(id, new AbortController().signal)).toThrow(TooManyStreams);
    first.leave();
    await first.reading;
    const second = watch(feed, id);
    await eventually(() => expect(second.seen.statuses).toHaveLength(1));
    feed.close();
    await second.reading;
  });
});
