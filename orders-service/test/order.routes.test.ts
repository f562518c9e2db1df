import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestUser, startOrders, type Orders } from './fixture.ts';
import { offerResponse, startStubServices, type StubServices } from './stub-services.ts';

let stubServices: StubServices;
let orders: Orders;

beforeAll(async () => {
  stubServices = await startStubServices();
  orders = await startOrders({ stubServices });
  stubServices.respondTo('lamp', offerResponse('lamp', 1250));
});
afterAll(async () => {
  await orders.stop();
  await stubServices.close();
});

type Person = Awaited<ReturnType<typeof createTestUser>>;

async function place({ headers }: Person): Promise<string> {
  const items = [{ postId: 'lamp', quantity: 1 }];
  return (await orders.http.post('/orders').set(headers).send({ items }).expect(202)).body.id;
}

const get = (path: string, { headers }: Person) => orders.http.get(path).set(headers);

/** Ids of all pages of a list. */
async function walk(path: string, by: Person, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | null = ''; next !== null;) {
    const cursor: string = next === '' ? '' : `&cursor=${next}`;
    const { body } = await get(`${path}?limit=${limit}${cursor}`, by).expect(200);
    pages.push(body.items.map(({ id }: { id: string }) => id));
    next = body.next;
  }
  return pages;
}

describe('GET /orders', () => {
  test('has your own, newest first, in pages that neither repeat nor leave out', async () => {
    const [ada, bob] = [await createTestUser(stubServices), await createTestUser(stubServices)];
    const placed: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      placed.unshift(await place(ada));
      await place(bob);
    }
    const pages = await walk('/orders', ada, 2);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(placed);
  });

  test('leaves out none of those that were placed in the same millisecond', async () => {
    const instant = new Date();
    const frozen = await startOrders({ stubServices, dependencies: { now: () => instant } });
    const { headers } = await createTestUser(stubServices);
    const items = [{ postId: 'lamp', quantity: 1 }];
    const placed: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { body } = await frozen.http.post('/orders').set(headers).send({ items }).expect(202);
      placed.push(body.id);
    }
    const first = await frozen.http.get('/orders?limit=3').set(headers);
    const second = await frozen.http.get(`/orders?limit=3&cursor=${first.body.next}`).set(headers);
    await frozen.stop();
    const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(5);
    expect(new Set(ids)).toEqual(new Set(placed));
  });

  test('has the orders of all users for an administrator', async () => {
    const admin = await createTestUser(stubServices, 'user admin');
    const ids = [
      await place(await createTestUser(stubServices)),
      await place(await createTestUser(stubServices)),
    ];
    expect((await walk('/orders', admin, 100)).flat()).toEqual(expect.arrayContaining(ids));
  });

  test('is empty for a user without orders', async () => {
    const { body } = await get('/orders', await createTestUser(stubServices)).expect(200);
    expect(body).toEqual({ items: [], next: null });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'cursor=x', 'cursor=bnVsbA', 'sort=up'])(
    'answers 400 to ?%s',
    async (query) => {
      expect((await get(`/orders?${query}`, await createTestUser(stubServices))).status).toBe(400);
    },
  );
});

describe('GET /users/:id/orders', () => {
  test('is for the user and for administrators', async () => {
    const [ada, bob, admin] = [
      await createTestUser(stubServices),
      await createTestUser(stubServices),
      await createTestUser(stubServices, 'user admin'),
    ];
    const id = await place(ada);
    for (const reader of [ada, admin]) {
      expect((await walk(`/users/${ada.id}/orders`, reader, 10)).flat()).toEqual([id]);
    }
    const refused = await get(`/users/${ada.id}/orders`, bob);
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
  });
});

describe('GET /orders/:id', () => {
  test('has the order as it was answered when it was placed', async () => {
    const ada = await createTestUser(stubServices);
    const items = [{ postId: 'lamp', quantity: 1 }];
    const placed = await orders.http.post('/orders').set(ada.headers).send({ items });
    expect((await get(`/orders/${placed.body.id}`, ada)).body).toEqual(placed.body);
  });

  test('does not let strangers know that there is an order', async () => {
    const id = await place(await createTestUser(stubServices));
    const bob = await createTestUser(stubServices);
    const [hidden, missing] = [await get(`/orders/${id}`, bob), await get('/orders/nothing', bob)];
    for (const response of [hidden, missing]) {
      expect([response.status, response.body.code]).toEqual([404, 'order_not_found']);
    }
    expect(hidden.body.message).toBe(missing.body.message);
  });

  test('is there for administrators', async () => {
    const id = await place(await createTestUser(stubServices));
    await get(`/orders/${id}`, await createTestUser(stubServices, 'user admin')).expect(200);
  });
});

describe('POST /orders/:id/cancel', () => {
  const cancel = (id: string, { headers }: Person) => orders.http.post(`/orders/${id}/cancel`).set(headers);

  test('cancels a pending order, and again as often as it is asked', async () => {
    const ada = await createTestUser(stubServices);
    const id = await place(ada);
    const first = await cancel(id, ada);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      status: 'cancelled',
      reason: 'cancelled_by_buyer',
      timeline: [{ event: 'order.created' }, { event: 'order.cancelled', status: 'cancelled' }],
    });
    expect((await cancel(id, ada)).body).toEqual(first.body);
  });

  test('is open to administrators, and says that it was one', async () => {
    const id = await place(await createTestUser(stubServices));
    const response = await cancel(id, await createTestUser(stubServices, 'user admin'));
    expect(response.body).toMatchObject({ status: 'cancelled', reason: 'cancelled_by_admin' });
  });

  test('is closed to strangers, who learn nothing', async () => {
    const ada = await createTestUser(stubServices);
    const id = await place(ada);
    expect((await cancel(id, await createTestUser(stubServices))).status).toBe(404);
    expect((await get(`/orders/${id}`, ada)).body.status).toBe('pending');
  });
});

describe('the service', () => {
  test('is ready, and says how its dependencies are', async () => {
    await orders.http.get('/health/ready').expect(200);
    const { body } = await orders.http.get('/health').expect(200);
    expect(body.checks.database.mongodb.status).toBe('healthy');
    expect(body.checks.externalServices).toMatchObject({
      rabbitmq: { status: 'healthy' },
      consumers: { consuming: 2, declared: 2 },
      'posts-service': { circuit: 'CLOSED' },
    });
  });

  test('documents its routes', async () => {
    const { body } = await orders.http.get('/openapi.json').expect(200);
    expect(Object.keys(body.paths).sort()).toEqual([
      '/cart',
      '/cart/items/{postId}',
      '/checkout',
      '/orders',
      '/orders/{id}',
      '/orders/{id}/cancel',
      '/orders/{id}/stream',
      '/users/{id}/orders',
    ]);
    expect(body.paths['/checkout'].post.requestBody.required).toBe(false);
    expect(body.paths['/orders/{id}/stream'].get.responses['200'].content).toHaveProperty([
      'text/event-stream',
    ]);
  });
});
