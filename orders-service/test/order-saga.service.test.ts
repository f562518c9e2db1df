import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './fixture.ts';
import { openOrdersTestApp, timelineEvents, waitForOrder, type OrdersTestApp } from './orders-test-app.ts';

let testApp: OrdersTestApp;
beforeAll(async () => {
  testApp = await openOrdersTestApp();
});
afterAll(() => testApp.close());

const isIn = (status: string) => (order: { status: string }) => expect(order.status).toBe(status);

/** An event that comes last in its queue: when it has had its effect, all before it have had theirs. */
async function afterAllThat() {
  const id = await testApp.place(await testApp.person());
  await testApp.bus.publishStockEvent('reserved', id);
  await waitForOrder(testApp, id, isIn('confirmed'));
}

describe('an order', () => {
  test('asks for its pieces, is charged when they are reserved, and is confirmed', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await eventually(() => expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created']));
    expect(testApp.bus.eventsOf(id)[0]).toMatchObject({
      aggregateId: id,
      source: 'orders-service',
      data: {
        orderId: id,
        userId: ada.id,
        items: [{ postId: 'lamp', quantity: 2, unitPrice: { amount: 1250, currency: 'EUR' } }],
        total: { amount: 2500, currency: 'EUR' },
      },
    });
    await testApp.bus.publishStockEvent('reserved', id);
    const order = await waitForOrder(testApp, id, isIn('confirmed'));
    expect(timelineEvents(order)).toEqual([
      'order.created',
      'stock.reserved',
      'payment.processed',
      'order.confirmed',
    ]);
    await eventually(() =>
      expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'payment.processed', 'order.confirmed']),
    );
    expect(testApp.bus.eventsOf(id)[1]?.data).toEqual({
      orderId: id,
      userId: ada.id,
      paymentId: expect.any(String),
      amount: { amount: 2500, currency: 'EUR' },
    });
  });

  test('is rejected if the payment is declined, with an event that releases the stock', async () => {
    const id = await testApp.place(await testApp.person(), 'tok_declined');
    await testApp.bus.publishStockEvent('reserved', id);
    const order = await waitForOrder(testApp, id, isIn('rejected'));
    expect(order.reason).toBe('payment_declined');
    await eventually(() =>
      expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'payment.failed', 'order.rejected']),
    );
    await testApp.bus.publishStockEvent('released', id);
    await waitForOrder(testApp, id, (released) =>
      expect(timelineEvents(released).at(-1)).toBe('stock.released'),
    );
  });

  test('is rejected where the pieces are not to be had, and says in words which', async () => {
    const id = await testApp.place(await testApp.person());
    await testApp.bus.publishStockRejected(id, 'lamp');
    const order = await waitForOrder(testApp, id, isIn('rejected'));
    expect(order).toMatchObject({
      reason: 'out_of_stock',
      timeline: [
        { event: 'order.created' },
        { event: 'stock.rejected', detail: 'Title of lamp: 2 wanted, 1 left' },
        { event: 'order.rejected' },
      ],
    });
    await eventually(() => expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'order.rejected']));
  });

  test('cannot be cancelled any more when it is confirmed', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.bus.publishStockEvent('reserved', id);
    await waitForOrder(testApp, id, isIn('confirmed'));
    const response = await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers);
    expect([response.status, response.body.code]).toEqual([409, 'order_not_cancellable']);
  });

  test('that is cancelled while it is being charged takes no money', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada, 'tok_slow');
    await testApp.bus.publishStockEvent('reserved', id);
    await waitForOrder(testApp, id, (order) => expect(timelineEvents(order)).toContain('stock.reserved'));
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    await afterAllThat();
    const charge = await testApp.database.collection('sandboxpayments').findOne({ _id: id });
    expect(charge).toMatchObject({ entry: { state: 'called-off' } });
    expect(await testApp.read(id)).toMatchObject({ status: 'cancelled' });
    expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'order.cancelled']);
  });

  test('is confirmed by a slow payment as well', async () => {
    const id = await testApp.place(await testApp.person(), 'tok_slow');
    await testApp.bus.publishStockEvent('reserved', id);
    await waitForOrder(testApp, id, isIn('confirmed'));
  });
});

test('orders that are cancelled and reserved at once end in one of two ways, and keep no money wrongly', async () => {
  const endings = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const ada = await testApp.person();
      const id = await testApp.place(ada);
      const [, answer] = await Promise.all([
        testApp.bus.publishStockEvent('reserved', id),
        testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers),
      ]);
      const order = await waitForOrder(testApp, id, ({ status }) => expect(status).not.toBe('pending'));
      expect([answer.status, order.status]).toEqual(
        answer.status === 200 ? [200, 'cancelled'] : [409, 'confirmed'],
      );
      if (answer.status === 409) expect(answer.body.code).toBe('order_not_cancellable');
      return id;
    }),
  );
  await afterAllThat();
  for (const id of endings) {
    const { status } = await testApp.read(id);
    const events = testApp.bus.eventTypesOf(id);
    const paid = events.filter((type) => type === 'payment.processed').length;
    const back = events.filter((type) => type === 'payment.refunded').length;
    expect(paid - back).toBe(status === 'confirmed' ? 1 : 0);
  }
});

describe('an event that comes again or late', () => {
  test('charges once, and tells once', async () => {
    const id = await testApp.place(await testApp.person());
    for (let n = 0; n < 5; n += 1) await testApp.bus.publishStockEvent('reserved', id);
    await waitForOrder(testApp, id, isIn('confirmed'));
    await testApp.bus.publishStockEvent('reserved', id);
    await afterAllThat();
    expect(timelineEvents(await testApp.read(id))).toHaveLength(4);
    expect(testApp.bus.eventTypesOf(id)).toEqual(['order.created', 'payment.processed', 'order.confirmed']);
  });

  test('does not wake an order that was cancelled', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    await testApp.bus.publishStockEvent('reserved', id);
    await testApp.bus.publishStockEvent('released', id);
    await waitForOrder(testApp, id, (order) => expect(timelineEvents(order)).toContain('stock.released'));
    expect(await testApp.read(id)).toMatchObject({ status: 'cancelled' });
    expect(await testApp.database.collection('sandboxpayments').findOne({ _id: id })).toBeNull();
  });

  test('of a release before its reservation does not confirm anything', async () => {
    const id = await testApp.place(await testApp.person());
    await testApp.bus.publishStockEvent('released', id);
    await testApp.bus.publishStockEvent('reserved', id);
    await afterAllThat();
    expect(await testApp.read(id)).toMatchObject({ status: 'rejected', reason: 'stock_released' });
  });
});

describe('what cannot be understood', () => {
  const dead = (reason: string) =>
    eventually(() =>
      expect(testApp.orders.lines).toContainEqual(
        expect.objectContaining({
          event: 'message_dead_lettered',
          fields: expect.objectContaining({ reason }),
        }),
      ),
    );

  test('is put aside, and holds nothing up', async () => {
    await testApp.bus.publish('post_events', 'stock.reserved', 'x', 1, { order: 'x' });
    await dead('bad_data');
    await afterAllThat();
  });
});
