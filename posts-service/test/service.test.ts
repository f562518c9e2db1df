import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startMongo } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { asService, bicycle, bearer, startPosts, type Posts } from './fixture.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let posts: Posts;

beforeAll(async () => {
  users = await startUsersStub();
  posts = await startPosts({ usersUrl: users.url });
  await posts.started;
}, 120_000);

afterAll(async () => {
  await posts.stop();
  await users.close();
});

test('is healthy with its database, its broker and its consumers', async () => {
  const { body } = await eventually(() => posts.http.get('/health').expect(200)); // consumers begin once it is ready
  expect(body).toMatchObject({
    status: 'healthy',
    service: 'posts-service',
    checks: {
      database: { mongodb: { status: 'healthy' } },
      externalServices: {
        rabbitmq: { status: 'healthy' },
        consumers: { status: 'healthy', consuming: 2, declared: 2 },
      },
    },
  });
  await posts.http.get('/health/ready').expect(200);
});

test('documents each of its routes', async () => {
  const { body } = await posts.http.get('/openapi.json').expect(200);
  const routes = Object.entries<object>(body.paths).map(([path, methods]) => [path, Object.keys(methods)]);
  expect(Object.fromEntries(routes)).toEqual({
    '/posts': ['post', 'get'],
    '/posts/{id}': ['get', 'put', 'patch', 'delete'],
  });
});

test('measures its outboxes', async () => {
  const { text } = await posts.http.get('/metrics').expect(200);
  for (const outbox of ['posts', 'reservations']) {
    expect(text).toMatch(new RegExp(`messaging_outbox_depth\\{outbox="${outbox}".*\\} 0`));
  }
});

test('finds its indexes as it left them', async () => {
  const { MONGODB_URI } = posts.config;
  const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
  const marks = async () =>
    (await connection.collection('posts').indexes()).map(({ name, key, weights }) => ({
      name,
      key,
      weights,
    }));
  const before = await marks();
  expect(before.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['title_text_tags_text_content_text']),
  );
  const another = await startPosts({ usersUrl: users.url, environment: { MONGODB_URI } });
  await another.started;
  expect(await marks()).toEqual(before);
  expect(another.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  await another.stop();
  await connection.close();
});

describe('while the database is away', () => {
  test('is not ready, says so with 503, and is itself again when it is back', async () => {
    const mongo = await startMongo();
    const own = await startPosts({ usersUrl: users.url, environment: { MONGODB_URI: mongo.uri } });
    await own.started;
    const ada = bearer(await users.tokenFor('ada'));
    const { body: post } = await own.http.post('/posts').set(ada).send(bicycle).expect(201);
    await mongo.stop();

    await eventually(async () => void (await own.http.get('/health/ready').expect(503)));
    await own.http.get('/health/live').expect(200);
    for (const path of [`/posts/${post.id}`, '/posts', '/posts?q=red']) {
      const { body, headers } = await own.http
        .get(path)
        .set(await asService())
        .expect(503);
      expect(body).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('The database is away'),
      });
      expect(headers['retry-after']).toBeDefined();
    }

    await mongo.start();
    await eventually(async () => void (await own.http.get('/health/ready').expect(200)), 30_000);
    await own.http.get(`/posts/${post.id}`).expect(200);
    await own.stop();
  }, 120_000);
});
