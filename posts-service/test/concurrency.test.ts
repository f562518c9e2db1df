import { eventually } from '@plaza/local-stack/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bearer, bicycle, openDatabase, startPosts, type Posts } from './fixture.ts';
import { startStubServices, type StubServices } from './stub-services.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let replicas: Posts[];
let stubServices: StubServices;
let database: Awaited<ReturnType<typeof openDatabase>>;
let ada: { Authorization: string };

beforeAll(async () => {
  users = await startUsersStub();
  const first = await startPosts({ usersUrl: users.url });
  const { MONGODB_URI, RABBITMQ_URL } = first.config;
  const environment = { MONGODB_URI, RABBITMQ_URL };
  replicas = [
    first,
    await startPosts({ usersUrl: users.url, environment }),
    await startPosts({ usersUrl: users.url, environment }),
  ];
  await Promise.all(replicas.map(({ started }) => started));
  stubServices = await startStubServices(RABBITMQ_URL);
  database = await openDatabase(MONGODB_URI);
  ada = bearer(await users.tokenFor('ada'));
}, 180_000);

afterAll(async () => {
  await database.close();
  await stubServices.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
  await users.close();
});

const http = (n: number) => {
  const replica = replicas[n % replicas.length];
  if (replica === undefined) throw new Error('There are no replicas.');
  return replica.http;
};

async function offer(stock: number): Promise<string> {
  const content = { ...bicycle, offer: { ...bicycle.offer, stock } };
  const { body } = await http(0).post('/posts').set(ada).send(content).expect(201);
  return body.id;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
const toldAny = (orders: readonly string[], event: string) =>
  orders.filter((order) => stubServices.eventTypesOf(order).includes(event));
const document = async (postId: string) => {
  const found = await database.posts.findOne({ _id: postId });
  return { stock: found?.offer?.stock ?? Number.NaN, held: found?.reservations.length };
};

test('of 200 orders for 50 pieces at three replicas 50 get one', async () => {
  const postId = await offer(50);
  const orders = names('racer', 200);
  await Promise.all(
    orders.map((order) => stubServices.publishOrderEvent('created', order, [{ postId, quantity: 1 }])),
  );
  await eventually(() => {
    for (const order of orders) expect(stubServices.eventTypesOf(order)).toHaveLength(1);
  }, 60_000);
  expect(toldAny(orders, 'stock.reserved')).toHaveLength(50);
  expect(toldAny(orders, 'stock.rejected')).toHaveLength(150);
  expect(await document(postId)).toEqual({ stock: 0, held: 50 });
}, 90_000);

test('orders that want the same posts in another order take none of each other’s', async () => {
  const [one, other] = [await offer(20), await offer(20)];
  const orders = names('crossing', 60);
  await Promise.all(
    orders.map((order, n) => {
      const items = [one, other].map((postId) => ({ postId, quantity: 1 }));
      return stubServices.publishOrderEvent('created', order, n % 2 === 0 ? items : items.toReversed());
    }),
  );
  await eventually(() => {
    for (const order of orders) expect(stubServices.eventTypesOf(order)).toHaveLength(1);
  }, 60_000);
  expect(toldAny(orders, 'stock.reserved')).toHaveLength(20);
  expect(await document(one)).toEqual({ stock: 0, held: 20 });
  expect(await document(other)).toEqual({ stock: 0, held: 20 });
}, 90_000);

test('what is cancelled while it is being reserved comes back whole', async () => {
  const postId = await offer(100);
  const orders = names('fickle', 60);
  await Promise.all(
    orders.map(async (order, n) => {
      const created = () => stubServices.publishOrderEvent('created', order, [{ postId, quantity: 1 }]);
      const cancelled = () => stubServices.publishOrderEvent('cancelled', order);
      await Promise.all(
        n % 3 === 0 ? [cancelled(), created(), cancelled()] : [created(), cancelled(), created()],
      );
    }),
  );
  await eventually(async () => {
    const open = await database.reservations.countDocuments({
      _id: { $in: orders },
      status: { $ne: 'released' },
    });
    expect(open).toBe(0);
    expect(await database.reservations.countDocuments({ _id: { $in: orders } })).toBe(60);
  }, 60_000);
  await eventually(async () => expect(await document(postId)).toEqual({ stock: 100, held: 0 }));
}, 90_000);

test('an author’s edits and orders at once lose nothing of each other', async () => {
  const postId = await offer(100);
  const orders = names('editing', 60);
  const edits = Array.from({ length: 15 }, async (_, n) =>
    http(n)
      .patch(`/posts/${postId}`)
      .set(ada)
      .send({ content: `Edition ${n}` }),
  );
  await Promise.all(
    orders.map((order) => stubServices.publishOrderEvent('created', order, [{ postId, quantity: 1 }])),
  );
  for (const { status } of await Promise.all(edits)) expect(status).toBe(200);
  await eventually(() => {
    for (const order of orders) expect(stubServices.eventTypesOf(order)).toEqual(['stock.reserved']);
  }, 60_000);
  expect(await document(postId)).toEqual({ stock: 40, held: 60 });
}, 90_000);

test('a stock that the author sets amid orders is what is there, less what was ordered since', async () => {
  const postId = await offer(100);
  const orders = names('restocking', 60);
  const ordered = Promise.all(
    orders.map((order) => stubServices.publishOrderEvent('created', order, [{ postId, quantity: 1 }])),
  );
  await http(1)
    .patch(`/posts/${postId}`)
    .set(ada)
    .send({ offer: { stock: 1_000 } })
    .expect(200);
  await ordered;
  await eventually(() => {
    for (const order of orders) expect(stubServices.eventTypesOf(order)).toEqual(['stock.reserved']);
  }, 60_000);
  const { stock, held } = await document(postId);
  expect(held).toBe(60);
  expect(stock).toBeGreaterThanOrEqual(940);
  expect(stock).toBeLessThanOrEqual(1_000);
  for (const order of orders) await stubServices.publishOrderEvent('cancelled', order);
  await eventually(
    async () => expect(await document(postId)).toEqual({ stock: stock + 60, held: 0 }),
    60_000,
  );
}, 120_000);
