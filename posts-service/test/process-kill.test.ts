import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  eventually,
  startService,
  testMongo,
  testRabbit,
  type ServiceProcess,
} from '@plaza/local-stack/testing';
import request from 'supertest';
import { bearer, bicycle, openDatabase, SECRET } from './fixture.ts';
import { startStubServices, type StubServices } from './stub-services.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let stubServices: StubServices;
let database: Awaited<ReturnType<typeof openDatabase>>;
let replicas: ServiceProcess[];

beforeAll(async () => {
  users = await startUsersStub();
  const { uri } = await testMongo();
  const { url } = await testRabbit();
  const environment = {
    MONGODB_URI: uri,
    RABBITMQ_URL: url,
    USERS_SERVICE_URL: users.url,
    SERVICE_SECRET: SECRET,
    REGISTRY_URL: '',
  };
  replicas = [
    await startService('posts-service', environment),
    await startService('posts-service', environment),
  ];
  stubServices = await startStubServices(url);
  database = await openDatabase(uri);
}, 180_000);

afterAll(async () => {
  await stubServices.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
  await database.close();
  await users.close();
});

test('killed again and again amid 200 orders, the service answers each of them, and holds what it says', async () => {
  const ada = bearer(await users.tokenFor('ada'));
  const [first, second] = replicas;
  if (first === undefined || second === undefined) throw new Error('There are no replicas.');
  const posts = [];
  for (const stock of [120, 200, 80]) {
    const content = { ...bicycle, offer: { ...bicycle.offer, stock } };
    const { body } = await request(first.url).post('/posts').set(ada).send(content).expect(201);
    posts.push(String(body.id));
  }
  const orders = Array.from({ length: 200 }, (_, n) => `order-${n}`);
  const items = posts.map((postId) => ({ postId, quantity: 1 }));
  const answered = () => orders.filter((order) => stubServices.eventTypesOf(order).length > 0).length;

  const placed = Promise.all(orders.map((order) => stubServices.publishOrderEvent('created', order, items)));
  for (const [victim, atLeast] of [
    [first, 1],
    [second, 60],
    [first, 120],
  ] as const) {
    await eventually(() => expect(answered()).toBeGreaterThanOrEqual(atLeast), 60_000);
    await victim.kill();
    await victim.start();
  }
  await placed;
  await eventually(() => expect(answered()).toBe(200), 60_000);
  // an event may come twice where its sender died before it noted the confirmation; it is the same event then
  const events = orders.map((order) => {
    const ids = new Map(
      stubServices.heard
        .filter(({ aggregateId }) => aggregateId === order)
        .map(({ eventId, eventType }) => [eventId, eventType] as const),
    );
    return [...ids.values()];
  });
  expect(events.filter(([event]) => event === 'stock.reserved')).toHaveLength(80);
  expect(events.filter(([event]) => event === 'stock.rejected')).toHaveLength(120);
  for (const ofOne of events) expect(ofOne).toHaveLength(1);
  const held = await Promise.all(posts.map((postId) => database.posts.findOne({ _id: postId })));
  expect(held.map((post) => [post?.offer?.stock, post?.reservations.length])).toEqual([
    [40, 80],
    [120, 80],
    [0, 80],
  ]);
}, 180_000);
