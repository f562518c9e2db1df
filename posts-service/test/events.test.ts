import { eventually } from '@plaza/local-stack/testing';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postEvents } from '../src/events/post.events.contract.ts';
import { stockEvents } from '../src/events/stock.events.contract.ts';
import { bearer, bicycle, openDatabase, startPosts, type Posts } from './fixture.ts';
import { startStubServices, type StubServices } from './stub-services.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let posts: Posts;
let stubServices: StubServices;
let database: Awaited<ReturnType<typeof openDatabase>>;
let count = 0;

beforeAll(async () => {
  users = await startUsersStub();
  posts = await startPosts({ usersUrl: users.url, environment: { SWEEP_EVERY_MS: '100' } });
  await posts.started;
  stubServices = await startStubServices(posts.config.RABBITMQ_URL);
  database = await openDatabase(posts.config.MONGODB_URI);
}, 120_000);

afterAll(async () => {
  await database.close();
  await stubServices.stop();
  await posts.stop();
  await users.close();
});

async function signInUser() {
  const userId = `user${(count += 1)}`;
  return { userId, headers: bearer(await users.tokenFor(userId)) };
}

const write = async (headers: IncomingHttpHeaders, content: object = bicycle): Promise<string> => {
  const { body } = await posts.http.post('/posts').set(headers).send(content).expect(201);
  return body.id;
};

const authorIn = async (postId: string) => (await posts.http.get(`/posts/${postId}`).expect(200)).body.author;
const stockOf = async (postId: string) =>
  (await posts.http.get(`/posts/${postId}`).expect(200)).body.offer?.stock;

/** Resolves when every event of a user that was published has been handled. */
async function usersHandled() {
  const handled = /^messaging_consumed_total\{[^}]*event_type="user\.[^}]*outcome="handled"[^}]*\} (\d+)/gm;
  await eventually(async () => {
    const { text } = await posts.http.get('/metrics').expect(200);
    const count = [...text.matchAll(handled)].reduce((sum, [, value]) => sum + Number(value), 0);
    expect(count).toBe(stubServices.usersTold());
  });
}

describe('what the posts service tells', () => {
  test('is each change of a post, in order, under the id of the request', async () => {
    const { userId, headers } = await signInUser();
    const id = await write({ ...headers, 'X-Request-Id': 'the-first-of-three' });
    await posts.http.patch(`/posts/${id}`).set(headers).send({ offer: null }).expect(200);
    await posts.http.delete(`/posts/${id}`).set(headers).expect(204);
    await eventually(() => {
      expect(stubServices.eventTypesOf(id)).toEqual(['post.created', 'post.updated', 'post.deleted']);
    });
    const [created, updated, deleted] = stubServices.heard.filter(({ aggregateId }) => aggregateId === id);
    const summary = {
      postId: id,
      authorId: userId,
      title: bicycle.title,
      status: 'published',
      tags: ['sport'],
    };
    expect(created).toMatchObject({ source: 'posts-service', correlationId: 'the-first-of-three', seq: 1 });
    expect(created?.data).toEqual({ ...summary, offer: bicycle.offer });
    expect(updated?.data).toEqual(summary);
    expect(deleted?.data).toEqual({ postId: id, authorId: userId });
  });

  test('is nothing where nothing changed', async () => {
    const { headers } = await signInUser();
    const id = await write(headers);
    await posts.http.patch(`/posts/${id}`).set(headers).send({ title: bicycle.title }).expect(200);
    await posts.http.patch(`/posts/${id}`).set(headers).send({ title: 'Another' }).expect(200);
    await eventually(() => expect(stubServices.eventTypesOf(id)).toEqual(['post.created', 'post.updated']));
  });

  test('is gone from the database once it is told, and a deleted post with it', async () => {
    const { headers } = await signInUser();
    const id = await write(headers);
    await posts.http.delete(`/posts/${id}`).set(headers).expect(204);
    await eventually(async () => expect(await database.posts.findOne({ _id: id })).toBeNull());
    expect(stubServices.eventTypesOf(id)).toEqual(['post.created', 'post.deleted']);
  });
});

test('everything that the posts service tells is what it says it tells', async () => {
  const { headers } = await signInUser();
  const id = await write(headers);
  await posts.http.patch(`/posts/${id}`).set(headers).send({ status: 'draft' }).expect(200);
  for (const [orderId, quantity] of [
    ['kept', 1],
    ['refused', 9],
  ] as const) {
    const postId = await write(headers);
    await stubServices.publishOrderEvent('created', orderId, [{ postId, quantity }]);
    await stubServices.publishOrderEvent('cancelled', orderId);
  }
  await posts.http.delete(`/posts/${id}`).set(headers).expect(204);
  await eventually(() => {
    expect(stubServices.eventTypesOf('kept')).toEqual(['stock.reserved', 'stock.released']);
    expect(stubServices.eventTypesOf('refused')).toEqual(['stock.rejected']);
    expect(stubServices.eventTypesOf(id)).toHaveLength(3);
  });
  const published = { ...postEvents.events, ...stockEvents.events };
  expect(new Set(stubServices.heard.map(({ eventType }) => eventType))).toEqual(
    new Set(Object.keys(published)),
  );
  for (const { eventType, data } of stubServices.heard) {
    const schema = Object.entries(published).find(([type]) => type === eventType)?.[1].data;
    expect(schema?.safeParse(data)).toMatchObject({ success: true });
  }
});

describe('a user', () => {
  test('who is created or renamed is so beside their posts', async () => {
    const { userId, headers } = await signInUser();
    const id = await write(headers);
    await stubServices.publishUserEvent('created', userId, 1, 'Ada');
    await eventually(async () => expect(await authorIn(id)).toEqual({ id: userId, name: 'Ada' }));
    await stubServices.publishUserEvent('updated', userId, 2, 'Ada Lovelace');
    await eventually(async () => expect(await authorIn(id)).toEqual({ id: userId, name: 'Ada Lovelace' }));
  });

  test('is not renamed back by news that come late or again', async () => {
    const { userId, headers } = await signInUser();
    const id = await write(headers);
    await stubServices.publishUserEvent('updated', userId, 3, 'Third');
    await stubServices.publishUserEvent('created', userId, 1, 'First');
    await stubServices.publishUserEvent('updated', userId, 2, 'Second');
    await stubServices.publishUserEvent('updated', userId, 3, 'Third again');
    await usersHandled();
    expect(await authorIn(id)).toEqual({ id: userId, name: 'Third' });
  });

  test('of whom the users service told first is kept up to date by events', async () => {
    const { userId, headers } = await signInUser();
    users.people.set(userId, { username: userId, name: 'As asked', email: 'asked@example.com' });
    const id = await write(headers);
    expect((await authorIn(id)).name).toBe('As asked');
    await stubServices.publishUserEvent('updated', userId, 1, 'As told');
    await eventually(async () => expect((await authorIn(id)).name).toBe('As told'));
  });
});

describe('a user who is deleted', () => {
  test('takes all of their posts along, each with its own news', async () => {
    const { userId, headers } = await signInUser();
    const other = await signInUser();
    const theirs: string[] = [];
    for (let n = 0; n < 45; n += 1) theirs.push(await write(headers));
    const drafted = await write(headers, { ...bicycle, status: 'draft' });
    const anothers = await write(other.headers);
    await stubServices.publishUserEvent('deleted', userId, 2);
    await eventually(() => {
      for (const id of [...theirs, drafted])
        expect(stubServices.eventTypesOf(id)).toEqual(['post.created', 'post.deleted']);
    });
    for (const id of [...theirs, drafted]) await posts.http.get(`/posts/${id}`).set(headers).expect(404);
    await posts.http.get(`/posts/${anothers}`).expect(200);
  });

  test('is forgotten, and late news do not bring anything back', async () => {
    const { userId, headers } = await signInUser();
    await stubServices.publishUserEvent('created', userId, 1, 'Ada');
    await stubServices.publishUserEvent('deleted', userId, 3);
    await stubServices.publishUserEvent('updated', userId, 2, 'Ada Lovelace');
    await stubServices.publishUserEvent('updated', userId, 4, 'Ada Lovelace');
    await usersHandled();
    expect(await database.authors.findOne({ _id: userId })).toEqual({
      _id: userId,
      seq: 3,
      deletedAt: expect.any(Date),
    });
    users.people.set(userId, { username: userId, name: 'Ada', email: 'ada@example.com' });
    const { body } = await posts.http.post('/posts').set(headers).send(bicycle).expect(403);
    expect(body.code).toBe('account_deleted');
  });

  test('and was never heard of leaves a tombstone all the same', async () => {
    const { userId } = await signInUser();
    await stubServices.publishUserEvent('deleted', userId, 2);
    await stubServices.publishUserEvent('created', userId, 1, 'Ada');
    await usersHandled();
    expect(await database.authors.findOne({ _id: userId })).toEqual({
      _id: userId,
      seq: 2,
      deletedAt: expect.any(Date),
    });
  });
});

describe('an order', () => {
  const order = async (quantity: number) => {
    const { headers } = await signInUser();
    const postId = await write(headers);
    const orderId = `order-${(count += 1)}`;
    await stubServices.publishOrderEvent('created', orderId, [{ postId, quantity }]);
    await eventually(() => expect(stubServices.eventTypesOf(orderId)).toHaveLength(1));
    return { postId, orderId };
  };

  test('gets what there is', async () => {
    const { postId, orderId } = await order(2);
    expect(stubServices.lastEventOf(orderId)).toMatchObject({
      eventType: 'stock.reserved',
      data: { orderId, items: [{ postId, quantity: 2 }] },
    });
    expect(await stockOf(postId)).toBe(1);
  });

  test('is told why it gets nothing', async () => {
    const { postId, orderId } = await order(4);
    expect(stubServices.lastEventOf(orderId)).toMatchObject({
      eventType: 'stock.rejected',
      data: { orderId, reason: 'out_of_stock', items: [{ postId, wanted: 4, left: 3 }] },
    });
    expect(await stockOf(postId)).toBe(3);
  });

  test.each(['rejected', 'cancelled'] as const)('that is %s gives its stock back', async (news) => {
    const { postId, orderId } = await order(2);
    await stubServices.publishOrderEvent(news, orderId);
    await eventually(() =>
      expect(stubServices.eventTypesOf(orderId)).toEqual(['stock.reserved', 'stock.released']),
    );
    expect(await stockOf(postId)).toBe(3);
  });

  test('that is cancelled comes on top of what the author has set meanwhile', async () => {
    const { headers } = await signInUser();
    const postId = await write(headers);
    const orderId = `order-${(count += 1)}`;
    await stubServices.publishOrderEvent('created', orderId, [{ postId, quantity: 2 }]);
    await eventually(async () => expect(await stockOf(postId)).toBe(1));
    await posts.http
      .patch(`/posts/${postId}`)
      .set(headers)
      .send({ offer: { stock: 1_000_000 } })
      .expect(200);
    await stubServices.publishOrderEvent('cancelled', orderId);
    await eventually(async () => expect(await stockOf(postId)).toBe(1_000_002));
  });

  test('that its handler left unfinished is finished by the recovery job', async () => {
    const { headers } = await signInUser();
    const postId = await write(headers);
    const orderId = `order-${(count += 1)}`;
    const long = new Date(Date.now() - 120_000);
    await database.reservations.insertOne({
      _id: orderId,
      status: 'reserving',
      items: [{ postId, quantity: 2 }],
      unfinishedSince: long,
      createdAt: long,
      updatedAt: long,
      seq: 1,
      outbox: [],
    });
    await eventually(() => expect(stubServices.eventTypesOf(orderId)).toEqual(['stock.reserved']));
    expect(await stockOf(postId)).toBe(1);
  });

  test('that is confirmed keeps it', async () => {
    const { postId, orderId } = await order(2);
    await stubServices.publishOrderEvent('confirmed', orderId);
    await eventually(async () => {
      expect(await database.reservations.findOne({ _id: orderId })).toMatchObject({ status: 'consumed' });
    });
    expect(await database.posts.findOne({ _id: postId })).toMatchObject({ reservations: [] });
    expect(await stockOf(postId)).toBe(1);
  });
});
