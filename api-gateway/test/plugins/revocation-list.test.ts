import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startService,
  testMongo,
  testRedis,
  type ServiceProcess,
} from '@plaza/local-stack/testing';
import request from 'supertest';
import { z } from 'zod';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from '../test-gateway.ts';

/** Milliseconds until an ended session is refused everywhere. */
const PROMISE_MS = 5_000;
const PASSWORD = 'correct horse battery';

let users: ServiceProcess;
/** Accepts every request: each refusal comes from a gateway. */
let posts: TestUpstream;
let gateways: Gateway[];
let gateway: Gateway;

beforeAll(async () => {
  users = await startService('users-service', {
    MONGODB_URI: (await testMongo()).uri,
    REDIS_URL: (await testRedis()).url,
    // No broker listens there: events wait in their outboxes.
    RABBITMQ_URL: 'amqp://127.0.0.1:9',
  });
  // Two replicas, each of which polls the list.
  posts = await startUpstream();
  const environment = { USERS_SERVICE_URL: users.url, POSTS_SERVICE_URL: posts.url };
  gateways = [await startGateway(environment), await startGateway(environment)];
  [gateway = await startGateway(environment)] = gateways;
});

afterAll(async () => {
  await Promise.all(gateways.map(({ stop }) => stop()));
  await Promise.all([users.stop(), posts.close()]);
});

const tokens = z.object({ accessToken: z.string(), refreshToken: z.string() });

async function signIn(login: string) {
  const { body } = await request(gateway.url).post('/api/auth/login').send({ login, password: PASSWORD });
  const { accessToken, refreshToken } = tokens.parse(body);
  return { refreshToken, headers: { Authorization: `Bearer ${accessToken}` } };
}

async function member(username: string) {
  const email = `${username}@example.com`;
  const { body } = await request(gateway.url)
    .post('/api/users')
    .send({ username, email, password: PASSWORD });
  return { id: String(body.id), username, ...(await signIn(username)) };
}

/** The statuses of a user's token at every gateway. */
const statuses = (headers: Record<string, string>) =>
  Promise.all(gateways.map(async ({ url }) => (await request(url).get('/api/posts').set(headers)).status));

const refusedEverywhere = (headers: Record<string, string>) =>
  eventually(async () => expect(await statuses(headers)).toEqual([401, 401]), PROMISE_MS);

describe('a token is refused by all gateways, before it reaches a service', () => {
  test('after its logout', async () => {
    const ada = await member('ada');
    expect(await statuses(ada.headers)).toEqual([200, 200]);
    await request(gateway.url).post('/api/auth/logout').set(ada.headers).expect(204);
    await refusedEverywhere(ada.headers);
    const { body } = await request(gateway.url).get('/api/posts').set(ada.headers);
    expect(body.message).toBe('The session of this access token has ended: sign in again.');
  });

  test('after a new password, but for the one that set it', async () => {
    const bob = await member('bob');
    const other = await signIn('bob');
    await request(gateway.url)
      .put('/api/profile/password')
      .set(other.headers)
      .send({ currentPassword: PASSWORD, newPassword: 'another good password' })
      .expect(204);
    await refusedEverywhere(bob.headers);
    expect(await statuses(other.headers)).toEqual([200, 200]);
  });

  test('after its user was deleted', async () => {
    const carol = await member('carol');
    await request(gateway.url).delete(`/api/users/${carol.id}`).set(carol.headers).expect(204);
    await refusedEverywhere(carol.headers);
  });
});

test('the list of ended sessions is not public', async () => {
  const dave = await member('dave');
  await request(gateway.url).get('/api/auth/revocations').expect(401);
  await request(gateway.url).get('/api/auth/revocations').set(dave.headers).expect(403);
});

test('while the users service is away, the gateways go on with what they know, and say so', async () => {
  const eve = await member('eve');
  await request(gateway.url).post('/api/auth/logout').set(eve.headers).expect(204);
  await refusedEverywhere(eve.headers);

  await users.kill();
  await eventually(() => {
    const said = gateway.lines.filter(({ event }) => event === 'revocation_poll_failed');
    expect(said).toMatchObject([{ level: 'warn' }]);
  });
  expect(await statuses(eve.headers)).toEqual([401, 401]);

  await users.start();
  await eventually(() => {
    expect(gateway.lines.some(({ event }) => event === 'revocation_poll_restored')).toBe(true);
  });
});
