import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  fakeClock,
  openDatabase,
  createTestUser,
  startOrders,
  testStores,
  type Orders,
  type StoreUrls,
} from './fixture.ts';
import { offerResponse, startStubServices, type StubServices } from './stub-services.ts';

const clock = fakeClock();
let stubServices: StubServices;
let stores: StoreUrls;
let one: Orders;
let other: Orders;

beforeAll(async () => {
  stubServices = await startStubServices();
  stores = await testStores();
  one = await startOrders({ stubServices, stores, dependencies: clock });
  other = await startOrders({ stubServices, stores, dependencies: clock });
  stubServices.respondTo('lamp', offerResponse('lamp', 1250));
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await stubServices.close();
});

type Person = Awaited<ReturnType<typeof createTestUser>>;

const body = { items: [{ postId: 'lamp', quantity: 2 }] };

const place = ({ headers }: Person, key: string, sent: object = body, at = one) =>
  at.http
    .post('/orders')
    .set({ ...headers, 'Idempotency-Key': key })
    .send(sent);

const ordersOf = async ({ headers }: Person) => (await one.http.get('/orders').set(headers)).body.items;

describe('a repeat under the same Idempotency-Key', () => {
  test('gets the first answer again, and makes no second order', async () => {
    const ada = await createTestUser(stubServices);
    const first = await place(ada, 'k1');
    const second = await place(ada, 'k1');
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(second.headers['location']).toBe(first.headers['location']);
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(await ordersOf(ada)).toHaveLength(1);
  });

  test('gets it at another replica as well', async () => {
    const ada = await createTestUser(stubServices);
    const first = await place(ada, 'k1');
    expect((await place(ada, 'k1', body, other)).body).toEqual(first.body);
  });

  test('gets it when the order has long gone on', async () => {
    const ada = await createTestUser(stubServices);
    const first = await place(ada, 'k1');
    await one.http.post(`/orders/${first.body.id}/cancel`).set(ada.headers).expect(200);
    expect((await place(ada, 'k1')).body).toEqual(first.body);
  });

  test('gets it when prices have changed', async () => {
    const ada = await createTestUser(stubServices);
    stubServices.respondTo('bread', offerResponse('bread', 300));
    const bread = { items: [{ postId: 'bread', quantity: 1 }] };
    const first = await place(ada, 'k1', bread);
    stubServices.respondTo('bread', offerResponse('bread', 350));
    expect((await place(ada, 'k1', bread)).body).toEqual(first.body);
  });

  test('gets it whatever the layout of the same body', async () => {
    const ada = await createTestUser(stubServices);
    const first = await place(ada, 'k1');
    const response = await place(ada, 'k1', {
      payment: { token: 'tok_ok' },
      items: [{ quantity: 2, postId: 'lamp' }],
    });
    expect(response.body).toEqual(first.body);
  });
});

test('20 requests under one key at once, at two replicas, make one order and get one answer', async () => {
  const ada = await createTestUser(stubServices);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => place(ada, 'k1', body, n % 2 === 0 ? one : other)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  expect(await ordersOf(ada)).toHaveLength(1);
});

test('of two different bodies at once under one key, one is refused', async () => {
  const ada = await createTestUser(stubServices);
  const bodies = [1, 2].map((quantity) => ({ items: [{ postId: 'lamp', quantity }] }));
  const answers = await Promise.all(bodies.map((sent, n) => place(ada, 'k1', sent, n === 0 ? one : other)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.sort((a, b) => a - b)).toEqual([202, 422]);
  expect(await ordersOf(ada)).toHaveLength(1);
});

test('another body under the same key is a 422', async () => {
  const ada = await createTestUser(stubServices);
  await place(ada, 'k1').expect(202);
  const response = await place(ada, 'k1', { ...body, payment: { token: 'tok_declined' } });
  expect([response.status, response.body.code]).toEqual([422, 'idempotency_key_reused']);
});

test('another key is another order', async () => {
  const ada = await createTestUser(stubServices);
  const [first, second] = [await place(ada, 'k1'), await place(ada, 'k2')];
  expect(second.body.id).not.toBe(first.body.id);
});

test('the same key of another user makes another order', async () => {
  const [ada, bob] = [await createTestUser(stubServices), await createTestUser(stubServices)];
  const [first, second] = [await place(ada, 'k1'), await place(bob, 'k1')];
  expect(second.body).toMatchObject({ userId: bob.id });
  expect(second.body.id).not.toBe(first.body.id);
});

test('a request that was refused for want of prices may be repeated under its key', async () => {
  const ada = await createTestUser(stubServices);
  stubServices.respondToAll({ status: 500, body: {} });
  expect((await place(ada, 'k1')).status).toBe(503);
  stubServices.respondToAll();
  const response = await place(ada, 'k1').expect(202);
  expect(response.headers['idempotent-replayed']).toBeUndefined();
});

test.each(['', 'two words', 'x'.repeat(256)])('the key %j is refused', async (key) => {
  const response = await place(await createTestUser(stubServices), key);
  expect([response.status, response.body.errors?.[0]?.path]).toEqual([400, 'headers.idempotency-key']);
});

test('a key is free again after 24 hours', async () => {
  const ada = await createTestUser(stubServices);
  const first = await place(ada, 'k1');
  clock.advance(24 * 60 * 60 * 1_000 + 1_000);
  const headers = { Authorization: `Bearer ${await stubServices.accessToken(ada.id, 'user', clock.now())}` };
  const second = await place({ ...ada, headers }, 'k1', { items: [{ postId: 'lamp', quantity: 1 }] });
  expect(second.status).toBe(202);
  expect(second.body.id).not.toBe(first.body.id);
});

test('keys are taken out of the database when they expire', async () => {
  const database = await openDatabase(stores);
  const indexes = await database.collection('idempotencykeys').indexes();
  await database.close();
  expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
});
