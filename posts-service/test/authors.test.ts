import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { bearer, bicycle, openDatabase, startPosts, type Posts } from './fixture.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let posts: Posts;
let database: Awaited<ReturnType<typeof openDatabase>>;
let count = 0;

beforeAll(async () => {
  users = await startUsersStub();
  posts = await startPosts({ usersUrl: users.url });
  await posts.started;
  database = await openDatabase(posts.config.MONGODB_URI);
}, 120_000);

afterEach(() => users.setBehaviour('well'));

afterAll(async () => {
  await database.close();
  await posts.stop();
  await users.close();
});

/** A post of an author of whom this service has no copy. */
async function postOfStranger(known = true) {
  const authorId = `stranger${(count += 1)}`;
  const email = `${authorId}@example.com`;
  if (known) users.people.set(authorId, { username: authorId, name: 'A Stranger', email });
  const headers = bearer(await users.tokenFor(authorId));
  const { body } = await posts.http.post('/posts').set(headers).send(bicycle).expect(201);
  const asked = () => users.requests.filter(({ path }) => path === `/users/${authorId}`);
  return { authorId, path: `/posts/${body.id}`, headers, asked };
}

describe('an author of whom there is no copy', () => {
  test('is asked of the users service once, and kept', async () => {
    const { path, headers, authorId, asked } = await postOfStranger();
    for (const as of [{}, headers]) {
      const { body } = await posts.http.get(path).set(as).expect(200);
      expect(body.author).toMatchObject({ id: authorId, name: 'A Stranger' });
    }
    expect(asked()).toHaveLength(1);
    expect(await database.authors.findOne({ _id: authorId })).toMatchObject({ name: 'A Stranger', seq: 0 });
  });

  test('is asked once for many readers at a time', async () => {
    const { path, asked } = await postOfStranger();
    const answers = await Promise.all(Array.from({ length: 20 }, () => posts.http.get(path).expect(200)));
    for (const { body } of answers) expect(body.author.name).toBe('A Stranger');
    expect(asked()).toHaveLength(1);
  });

  test('is asked under the id of the request that wants to know, by the service itself', async () => {
    const { path, headers, asked } = await postOfStranger();
    await posts.http.get(path).set(headers).set('X-Request-Id', 'a-request-of-mine').expect(200);
    const [call] = asked();
    expect(call?.headers['x-request-id']).toBe('a-request-of-mine');
    expect(call?.headers.authorization).toMatch(/^Bearer ey/);
    expect(call?.headers.authorization).not.toBe(headers.Authorization);
  });
});

describe('a post whose author cannot be known', () => {
  test.each(['broken', 'garbled', 'refusing'] as const)(
    'is served where the users service is %s',
    async (behaviour) => {
      const { path, authorId } = await postOfStranger();
      users.setBehaviour(behaviour);
      const { body } = await posts.http.get(path).expect(200);
      expect(body).toMatchObject({ title: bicycle.title, author: { id: authorId }, partial: true });
      expect(body.author).toEqual({ id: authorId });
    },
  );

  test('is served if the users service has no user of that id', async () => {
    const { path, authorId } = await postOfStranger(false);
    const { body } = await posts.http.get(path).expect(200);
    expect(body).toMatchObject({ author: { id: authorId }, partial: true });
    expect(await database.authors.findOne({ _id: authorId })).toBeNull();
  });

  test('is whole again once the users service answers', async () => {
    const { path } = await postOfStranger();
    users.setBehaviour('broken');
    expect((await posts.http.get(path).expect(200)).body.partial).toBe(true);
    users.setBehaviour('well');
    expect((await posts.http.get(path).expect(200)).body.partial).toBeUndefined();
  });
});

describe('while the users service is away', () => {
  test('posts are served at once after a few failures, without a call to it', async () => {
    const { MONGODB_URI } = posts.config;
    const away = await startPosts({ usersUrl: 'http://127.0.0.1:1', environment: { MONGODB_URI } });
    await away.started;
    const { path } = await postOfStranger();
    for (let reader = 0; reader < 8; reader += 1) {
      const { body } = await away.http.get(path).expect(200);
      expect(body.partial).toBe(true);
    }
    const { text } = await away.http.get('/metrics').expect(200);
    await away.stop();
    expect(text).toMatch(/circuit_breaker_state\{name="users-service",state="OPEN".*\} 1/);
    expect(text).toMatch(/resilience_rejected_total\{name="users-service",reason="circuit_open".*\} 3/);
  });
});
