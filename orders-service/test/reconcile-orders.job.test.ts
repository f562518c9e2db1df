import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, fakeClock, type Orders } from './fixture.ts';
import { openOrdersTestApp, timelineEvents, waitForOrder, type OrdersTestApp } from './orders-test-app.ts';

const TWO_MINUTES = 120_000;

const clock = fakeClock();
let testApp: OrdersTestApp;
const replicas: Orders[] = [];

beforeAll(async () => {
  testApp = await openOrdersTestApp({ dependencies: clock });
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
});
afterAll(() => testApp.close());

const isIn = (status: string) => (order: { status: string }) => expect(order.status).toBe(status);

describe('an order without a reply from the other services', () => {
  test('is cancelled after two minutes, and says so', async () => {
    const id = await testApp.place(await testApp.person());
    clock.advance(TWO_MINUTES);
    const order = await waitForOrder(testApp, id, isIn('cancelled'));
    expect(order.reason).toBe('timed_out');
    await eventually(() =>
      expect(testApp.bus.eventsOf(id).map(({ eventType, data }) => [eventType, data['reason']])).toEqual([
        ['order.created', undefined],
        ['order.cancelled', 'timed_out'],
      ]),
    );
  });

  test('is left alone before that, while older ones go', async () => {
    const older = await testApp.place(await testApp.person());
    clock.advance(TWO_MINUTES / 2);
    const younger = await testApp.place(await testApp.person());
    clock.advance(TWO_MINUTES / 2);
    await waitForOrder(testApp, older, isIn('cancelled'));
    expect((await testApp.read(younger)).status).toBe('pending');
  });

  test('is cancelled once, by however many replicas', async () => {
    replicas.push(await testApp.replica(), await testApp.replica());
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => testApp.place(await testApp.person())),
    );
    clock.advance(TWO_MINUTES);
    for (const id of ids) {
      await waitForOrder(testApp, id, isIn('cancelled'));
      await eventually(() =>
        expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'order.cancelled']),
      );
    }
  });
});

describe('what a crash leaves', () => {
  /** As a process leaves it that dies between the charge and its next write. */
  async function charged(status: 'pending' | 'cancelled'): Promise<string> {
    const id = await testApp.place(await testApp.person());
    await testApp.database.collection('sandboxpayments').insertOne({
      _id: id,
      entry: { state: 'processed', paymentId: 'pay1', amount: { amount: 2500, currency: 'EUR' } },
    });
    await testApp.database
      .collection('orders')
      .updateOne(
        { _id: id },
        { $set: { status, stock: 'reserved', payment: { state: 'charging', token: 'tok_ok' } } },
      );
    return id;
  }

  test('of a pending order that was charged is refunded with its cancelling', async () => {
    const id = await charged('pending');
    clock.advance(TWO_MINUTES);
    const order = await waitForOrder(testApp, id, (seen) =>
      expect(timelineEvents(seen)).toContain('payment.refunded'),
    );
    expect(order).toMatchObject({ status: 'cancelled', reason: 'timed_out' });
    await eventually(() =>
      expect(testApp.bus.eventTypesOf(id)).toEqual([
        'order.created',
        'order.cancelled',
        'payment.processed',
        'payment.refunded',
      ]),
    );
    const ledger = await testApp.database.collection('sandboxpayments').findOne({ _id: id });
    expect(ledger).toMatchObject({ entry: { state: 'refunded' } });
  });

  test('of a cancelled order whose money is still out is refunded', async () => {
    const id = await charged('cancelled');
    clock.advance(15_000);
    await waitForOrder(testApp, id, (order) => expect(timelineEvents(order).at(-1)).toBe('payment.refunded'));
  });
});

describe('of several replicas', () => {
  const holder = async () =>
    (await testApp.database.collection('leases').findOne({ _id: 'sweep' }))?.['owner'];

  test('one reconciles, and another takes over when it is gone', async () => {
    const first = await eventually(async () => {
      const owner = await holder();
      expect(owner).toEqual(expect.any(String));
      return owner;
    });
    const second = await testApp.replica();
    replicas.push(second);
    const id = await testApp.place(await testApp.person());
    clock.advance(TWO_MINUTES);
    await waitForOrder(testApp, id, isIn('cancelled'));
    await testApp.orders.stop();
    await eventually(async () => expect(await holder()).not.toBe(first));
    expect(second.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
