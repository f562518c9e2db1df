import { beforeAll, describe, expect, test } from '@jest/globals';
import { testRabbit } from '@plaza/local-stack/testing';
import { collectEvents } from '../docs/event-catalogue.ts';
import type { GatewayClient } from '../seed/gateway-client.ts';
import { eventually } from './eventually.ts';
import { startTestSystem } from './test-system.ts';
import { registerTestUser, getStock, type TestUser } from './test-user.ts';
import { recordEvents, type EventRecorder } from './event-recorder.ts';

let gateway: GatewayClient;
let recorder: EventRecorder;
let seller: TestUser;
let buyer: TestUser;

beforeAll(async () => {
  const { url } = await testRabbit();
  recorder = await recordEvents(url);
  ({ gateway } = await startTestSystem(url));
  seller = await registerTestUser(gateway, 'seller');
  buyer = await registerTestUser(gateway, 'buyer');
}, 180_000);

const timelineEvents = ({ timeline }: { timeline: { event: string }[] }): string[] =>
  timeline.map(({ event }) => event);

describe('an order', () => {
  test('is confirmed while there is stock, and rejected if there is too little', async () => {
    const lamp = await seller.createOffer('A lamp', 3);
    const first = await buyer.waitUntilSettled((await buyer.placeOrder(lamp, 2)).id);
    const second = await buyer.waitUntilSettled((await buyer.placeOrder(lamp, 2)).id);
    expect([first.status, second.status, second.reason]).toEqual(['confirmed', 'rejected', 'out_of_stock']);
    expect(await getStock(gateway, lamp)).toBe(1);
    expect(timelineEvents(first)).toEqual([
      'order.created',
      'stock.reserved',
      'payment.processed',
      'order.confirmed',
    ]);
    expect(timelineEvents(second)).toEqual(['order.created', 'stock.rejected', 'order.rejected']);
  });

  test('releases its units if the payment is declined', async () => {
    const chair = await seller.createOffer('A chair', 3);
    const { id } = await buyer.placeOrder(chair, 2, { body: { payment: { token: 'tok_declined' } } });
    expect(await buyer.waitUntilSettled(id)).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
    });
    await eventually(async () =>
      expect(timelineEvents(await buyer.getOrder(id))).toContain('stock.released'),
    );
    expect(timelineEvents(await buyer.getOrder(id))).toEqual([
      'order.created',
      'stock.reserved',
      'payment.failed',
      'order.rejected',
      'stock.released',
    ]);
    expect(await getStock(gateway, chair)).toBe(3);
  });

  test('is visible to its buyer only', async () => {
    const { id } = await buyer.placeOrder(await seller.createOffer('A rug', 1), 1);
    expect((await buyer.request('GET', `/api/orders/${id}`)).status).toBe(200);
    expect((await seller.request('GET', `/api/orders/${id}`)).status).toBe(404);
  });

  test('is the same order, with one reservation, if it is repeated with its Idempotency-Key', async () => {
    const vase = await seller.createOffer('A vase', 3);
    const headers = { 'idempotency-key': 'a-vase' };
    const [first, again] = await Promise.all([
      buyer.placeOrder(vase, 2, { headers }),
      buyer.placeOrder(vase, 2, { headers }),
    ]);
    expect(again).toEqual(first);
    expect(await buyer.waitUntilSettled(first.id)).toMatchObject({ status: 'confirmed' });
    expect(await getStock(gateway, vase)).toBe(1);
    const other = { items: [{ postId: vase, quantity: 1 }] };
    expect(await buyer.request('POST', '/api/orders', { body: other, headers })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  test('from the cart empties the cart', async () => {
    const clock = await seller.createOffer('A clock', 1);
    await buyer.request('PUT', `/api/cart/items/${clock}`, { body: { quantity: 1 } });
    const checkout = await buyer.request('POST', '/api/checkout', { body: {} });
    expect(checkout).toMatchObject({ status: 202, body: { items: [{ postId: clock, quantity: 1 }] } });
    expect(await buyer.request('GET', '/api/cart')).toMatchObject({ status: 200, body: { items: [] } });
  });
});

test('the stream of an order sends its steps after Last-Event-ID', async () => {
  const { id } = await buyer.placeOrder(await seller.createOffer('A mirror', 1), 1, {
    body: { payment: { token: 'tok_slow' } },
  });
  const stream = await buyer.request('GET', `/api/orders/${id}/stream`, {
    headers: { 'last-event-id': '1' },
  });
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const lines = stream.text.split('\n').filter((line) => /^(?:id|event):/.test(line));
  expect(lines.map((line) => line.replace(/: */, ' '))).toEqual([
    'id 2',
    'event stock.reserved',
    'id 3',
    'event payment.processed',
    'id 4',
    'event order.confirmed',
  ]);
});

test("the deletion of an author deletes the author's posts", async () => {
  const leaver = await registerTestUser(gateway, 'leaver');
  const [sofa, table] = [await leaver.createOffer('A sofa', 1), await leaver.createOffer('A table', 1)];
  expect((await leaver.request('DELETE', `/api/users/${leaver.id}`)).status).toBe(204);
  await eventually(async () => {
    for (const post of [sofa, table]) expect((await gateway('GET', `/api/posts/${post}`)).status).toBe(404);
  });
});

describe('each event on the broker', () => {
  test('matches the catalogue in schema, exchange and producer', async () => {
    const catalogue = new Map((await collectEvents()).map((event) => [event.eventType, event]));
    const events = await recorder.events();
    const wrong = events.filter(({ eventType, exchange, routingKey, source, data }) => {
      const known = catalogue.get(eventType);
      const isWhole = known?.data.safeParse(data).success ?? false;
      const isHome = known?.exchange === exchange && known.producer === source && routingKey === eventType;
      return !isWhole || !isHome;
    });
    expect(wrong).toEqual([]);
    expect(events.length).toBeGreaterThan(30);
  });

  test('has a unique id', async () => {
    const ids = (await recorder.events()).map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has the id of the request that caused it, in every service', async () => {
    const requestId = 'e2e-the-whole-way-of-an-order';
    const post = await seller.createOffer('A kettle', 1);
    const { id } = await buyer.placeOrder(post, 1, { headers: { 'x-request-id': requestId } });
    await buyer.waitUntilSettled(id);
    await eventually(async () => {
      const ours = (await recorder.events()).filter(({ aggregateId }) => aggregateId === id);
      expect(ours.map(({ eventType }) => eventType).sort()).toEqual([
        'order.confirmed',
        'order.created',
        'payment.processed',
        'stock.reserved',
      ]);
      expect(new Set(ours.map(({ correlationId }) => correlationId))).toEqual(new Set([requestId]));
    });
  });
});
