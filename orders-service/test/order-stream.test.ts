import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newOrderId } from '../src/data/order.model.ts';
import { toBuyerId } from '../src/domain/buyer.ts';
import { toProductId } from '../src/domain/order-line.ts';
import { createOrderStream } from '../src/domain/order-stream.ts';
import { cancelOrder, applyStockReserved } from '../src/domain/order-transitions.ts';
import { TooManyStreams } from '../src/domain/order.errors.ts';
import { placeOrder, type Order, type OrderId } from '../src/domain/order.ts';
import { eventually } from '@plaza/local-stack/testing';
import { openTestStores, type TestStores } from './test-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.empty());

async function place(): Promise<OrderId> {
  const unitPrice = { amount: 1250, currency: 'EUR' };
  const placed = placeOrder(
    {
      id: newOrderId(),
      buyer: { userId: toBuyerId('ada'), name: 'Ada' },
      items: [{ postId: toProductId('lamp'), title: 'Lamp', quantity: 1, unitPrice }],
      paymentToken: 'tok_ok',
    },
    new Date(),
  );
  await stores.orders.add(placed);
  return placed.state.id;
}

async function change(id: OrderId, rule: (order: Order) => ReturnType<typeof cancelOrder>) {
  const order = await stores.orders.findById(id);
  if (order !== null) await stores.orders.save(rule(order));
}

/** A stream that polls when it is told to; `reads` counts the orders that it read whole. */
function createTestStream({ maxSubscribers }: { maxSubscribers?: number } = {}) {
  let poll: () => void = () => undefined;
  const counted = { reads: 0 };
  const stream = createOrderStream({
    orders: {
      ...stores.orders,
      findById: (id) => {
        counted.reads += 1;
        return stores.orders.findById(id);
      },
    },
    waitForNextPoll: () => new Promise((resolve) => (poll = resolve)),
    log: { warn: () => undefined },
    ...(maxSubscribers === undefined ? {} : { maxSubscribers }),
  });
  return { ...stream, poll: () => poll(), counted };
}

/** Follows an order; what was seen of it so far, and whether that is all. */
function watch(stream: ReturnType<typeof createTestStream>, id: OrderId) {
  const leave = new AbortController();
  const seen = { statuses: [] as string[], ended: false };
  const versions = stream.subscribe(id, leave.signal);
  const reading = (async () => {
    for await (const { status, stock } of versions) seen.statuses.push(`${status}, ${stock}`);
    seen.ended = true;
  })();
  return { seen, leave: () => leave.abort(), reading };
}

const reserve = (order: Order) => applyStockReserved(order, new Date());
const callOff = (order: Order) => cancelOrder(order, 'cancelled_by_buyer', new Date());

describe('a stream', () => {
  test('has the order as it is, then each change that a poll finds, and ends with the order', async () => {
    const id = await place();
    const stream = createTestStream();
    const { seen, reading } = watch(stream, id);
    await eventually(() => expect(seen.statuses).toEqual(['pending, awaited']));
    await change(id, callOff);
    stream.poll();
    await reading;
    expect(seen.statuses).toEqual(['pending, awaited', 'cancelled, awaited']);
  });

  test('does not wait for a poll where it is told of a change', async () => {
    const id = await place();
    const stream = createTestStream();
    const { seen, leave, reading } = watch(stream, id);
    await eventually(() => expect(seen.statuses).toHaveLength(1));
    await change(id, reserve);
    stream.notifyChanged(id);
    await eventually(() => expect(seen.statuses).toEqual(['pending, awaited', 'pending, reserved']));
    leave();
    await reading;
  });

  test('reads only those orders again that have changed', async () => {
    const [one, other] = [await place(), await place()];
    const stream = createTestStream();
    const followed = [watch(stream, one), watch(stream, other)];
    await eventually(() => expect(followed.map(({ seen }) => seen.statuses.length)).toEqual([1, 1]));
    expect(stream.counted.reads).toBe(2);
    await change(one, callOff);
    stream.poll();
    await followed[0]?.reading;
    expect(stream.counted.reads).toBe(3);
    stream.close();
    await Promise.all(followed.map(({ reading }) => reading));
  });

  test('ends when it closes, whatever the order does', async () => {
    const stream = createTestStream();
    const { seen, reading } = watch(stream, await place());
    await eventually(() => expect(seen.statuses).toHaveLength(1));
    stream.close();
    await reading;
    expect(seen.ended).toBe(true);
  });

  test('takes as many subscribers as it is made for, and another one when one has gone', async () => {
    const id = await place();
    const stream = createTestStream({ maxSubscribers: 1 });
    const first = watch(stream, id);
    await eventually(() => expect(first.seen.statuses).toHaveLength(1));
    expect(() => stream.subscribe(id, new AbortController().signal)).toThrow(TooManyStreams);
    first.leave();
    await first.reading;
    const second = watch(stream, id);
    await eventually(() => expect(second.seen.statuses).toHaveLength(1));
    stream.close();
    await second.reading;
  });
});
