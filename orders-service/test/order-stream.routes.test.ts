import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, type Orders } from './fixture.ts';
import { openOrdersTestApp, waitForOrder, type OrdersTestApp } from './orders-test-app.ts';

let testApp: OrdersTestApp;
let other: Orders;

beforeAll(async () => {
  testApp = await openOrdersTestApp();
  other = await testApp.replica();
});
afterAll(async () => {
  await other.stop();
  await testApp.close();
});

type Person = Awaited<ReturnType<OrdersTestApp['person']>>;

interface Frame {
  readonly id: number;
  readonly event: string;
  readonly status: string;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
}

/** Follows an order as a client does that can send headers. */
async function follow(replica: Orders, orderId: string, { headers }: Person, last?: number) {
  const leave = new AbortController();
  const resume: Record<string, string> = last === undefined ? {} : { 'Last-Event-ID': String(last) };
  const response = await fetch(`${replica.url}/orders/${orderId}/stream`, {
    headers: { ...headers, ...resume },
    signal: leave.signal,
  });
  const frames: Frame[] = [];
  const ended = read(response, frames);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    frames,
    events: () => frames.map(({ event }) => event),
    /** Resolves when the server ends the stream. */
    ended,
    leave: async () => {
      leave.abort();
      await ended.catch(() => undefined);
    },
  };
}

async function read(response: Response, frames: Frame[]): Promise<void> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    frames.push(...parts.filter((part) => part.startsWith('id:')).map(parse));
  }
}

function parse(frame: string): Frame {
  const [, id, event, data] = /^id: (\d+)\nevent: (.+)\ndata: (.+)$/.exec(frame) ?? [];
  const { status, event: inData } = JSON.parse(data ?? '');
  expect(inData).toBe(event);
  return { id: Number(id), event: event ?? '', status, at: Date.now() };
}

const confirmed = ['order.created', 'stock.reserved', 'payment.processed', 'order.confirmed'];

describe('GET /orders/:id/stream', () => {
  test('sends each step as it happens, and ends with the last', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada, 'tok_slow');
    const stream = await follow(testApp.orders, id, ada);
    expect([stream.status, stream.type]).toEqual([200, expect.stringMatching(/^text\/event-stream/)]);
    await eventually(() => expect(stream.events()).toEqual(['order.created']));
    await testApp.bus.publishStockEvent('reserved', id);
    await eventually(() => expect(stream.events()).toEqual(['order.created', 'stock.reserved']));
    await stream.ended;
    expect(stream.events()).toEqual(confirmed);
    expect(stream.frames.map((frame) => frame.id)).toEqual([1, 2, 3, 4]);
    expect(stream.frames.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending', 'confirmed']);
  });

  test('hears within a second of what another replica does', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    const streams = [await follow(testApp.orders, id, ada), await follow(other, id, ada)];
    for (const stream of streams) await eventually(() => expect(stream.events()).toHaveLength(1));
    const cancelledAt = Date.now();
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    for (const { ended, frames } of streams) {
      await ended;
      expect(frames.at(-1)).toMatchObject({ event: 'order.cancelled', status: 'cancelled' });
      expect((frames.at(-1)?.at ?? Infinity) - cancelledAt).toBeLessThan(1_000);
    }
  });

  test('goes on after the step that Last-Event-ID names, at any replica', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    const first = await follow(testApp.orders, id, ada);
    await eventually(() => expect(first.events()).toHaveLength(1));
    await first.leave();
    await testApp.bus.publishStockEvent('reserved', id);
    await waitForOrder(testApp, id, ({ status }) => expect(status).toBe('confirmed'));
    const second = await follow(other, id, ada, first.frames.at(-1)?.id);
    await second.ended;
    expect([...first.events(), ...second.events()]).toEqual(confirmed);
  });

  test('sends the whole story of an order that has ended, and then ends', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    const stream = await follow(testApp.orders, id, ada);
    await stream.ended;
    expect(stream.events()).toEqual(['order.created', 'order.cancelled']);
  });

  test('answers 204 to a client that has every step, so that a browser does not come back', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    expect((await follow(testApp.orders, id, ada, 2)).status).toBe(204);
  });

  test('starts from the beginning where Last-Event-ID is nothing of ours', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    await testApp.orders.http.post(`/orders/${id}/cancel`).set(ada.headers).expect(200);
    const response = await testApp.orders.http
      .get(`/orders/${id}/stream`)
      .set({ ...ada.headers, 'Last-Event-ID': 'abc' });
    expect(response.text).toContain('id: 1\n');
  });

  test('is for the buyer alone', async () => {
    const id = await testApp.place(await testApp.person());
    expect((await follow(testApp.orders, id, await testApp.person())).status).toBe(404);
    expect((await fetch(`${testApp.orders.url}/orders/${id}/stream`)).status).toBe(401);
  });

  test('ends when its replica stops, which it does not hold up', async () => {
    const ada = await testApp.person();
    const id = await testApp.place(ada);
    const replica = await testApp.replica();
    const stream = await follow(replica, id, ada);
    await eventually(() => expect(stream.events()).toHaveLength(1));
    expect(await replica.stop()).toBe(true);
    await stream.ended;
    expect(stream.events()).toEqual(['order.created']);
  });
});
