import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startMongo,
  startFaultProxy,
  startRedis,
  testMongo,
  testRedis,
} from '@plaza/local-stack/testing';
import {
  fakeClock,
  login,
  createSignedInUser,
  newUserInput,
  PASSWORD,
  register,
  startUsers,
} from './fixture.ts';

const COUNTED_ALONE = expect.objectContaining({
  level: 'warn',
  event: 'login_limit_degraded',
});

describe('while MongoDB is away', () => {
  const clock = fakeClock();
  let mongo: Awaited<ReturnType<typeof startMongo>>;
  let users: Awaited<ReturnType<typeof startUsers>>;
  let ada: Awaited<ReturnType<typeof createSignedInUser>>;

  beforeAll(async () => {
    mongo = await startMongo();
    users = await startUsers({ environment: { MONGODB_URI: mongo.uri }, dependencies: { now: clock.now } });
    await users.started;
    ada = await createSignedInUser(users.http);
    await mongo.stop();
  }, 60_000);
  afterAll(async () => {
    await users.stop();
    await mongo.stop();
  });

  test('every route that needs it says 503 in words', async () => {
    const answers = await Promise.all([
      users.http.get(`/users/${ada.id}`),
      users.http.post('/users').send(newUserInput()),
      users.http.post('/auth/login').send({ login: ada.username, password: PASSWORD }),
      users.http.post('/auth/refresh').send({ refreshToken: ada.refreshToken }),
      users.http.get('/profile').set(ada.headers),
    ]);
    for (const { status, body, headers } of answers) {
      expect({ status, message: body.message }).toEqual({
        status: 503,
        message: 'The database is away; try again in a moment.',
      });
      expect(headers['retry-after']).toBe('2');
    }
  });

  test('the keys that tokens are checked by are published all the same', async () => {
    clock.advance(60_000);
    const { body } = await users.http.get('/.well-known/jwks.json').expect(200);
    expect(body.keys).toHaveLength(1);
  });

  test('it is alive, and not ready', async () => {
    await users.http.get('/health/live').expect(200);
    const { body } = await users.http.get('/health/ready').expect(503);
    expect(body.reasons).toEqual([expect.stringContaining('mongodb')]);
  });

  test('forged tokens are refused, valid ones accepted', async () => {
    const { body } = await users.http.get('/profile').set('Authorization', 'Bearer nonsense');
    expect(body.status).toBe(401);
  });

  test('it heals by itself when MongoDB is back', async () => {
    await mongo.start();
    await eventually(() => users.http.get('/health/ready').expect(200), 30_000);
    await users.http.get('/profile').set(ada.headers).expect(200);
    await login(users.http, ada.username);
    await register(users.http);
  }, 60_000);
});

test('a service that is there before its MongoDB waits for it', async () => {
  const mongo = await startMongo();
  await mongo.stop();
  const users = await startUsers({ environment: { MONGODB_URI: mongo.uri } });
  try {
    await users.http.get('/health/live').expect(200);
    const early = await users.http.get('/users/1').expect(503);
    expect(early.body.message).toBe('The database is away; try again in a moment.');
    await mongo.start();
    await users.started;
    await register(users.http);
  } finally {
    await users.stop();
    await mongo.stop();
  }
}, 90_000);

test('a MongoDB that holds connections and says nothing is an outage too, and heals', async () => {
  const way = await startFaultProxy((await testMongo()).uri);
  const users = await startUsers({ environment: { MONGODB_URI: way.url } });
  try {
    await users.started;
    const ada = await register(users.http);
    way.stall();
    const started = Date.now();
    await users.http.get(`/users/${ada.id}`).expect(503);
    expect(Date.now() - started).toBeLessThan(10_000);
    way.resume();
    await eventually(() => users.http.get(`/users/${ada.id}`).expect(200), 20_000);
  } finally {
    await users.stop();
    await way.close();
  }
}, 60_000);

test('a Redis that accepts connections and never answers does not prevent a login', async () => {
  const way = await startFaultProxy((await testRedis()).url);
  const users = await startUsers({ environment: { REDIS_URL: way.url } });
  try {
    await users.started;
    const ada = await register(users.http);
    await login(users.http, ada.username);
    expect(users.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    way.stall();
    await login(users.http, ada.username);
    expect(users.lines).toContainEqual(COUNTED_ALONE);
  } finally {
    await users.stop();
    await way.close();
  }
});

describe('while Redis is away', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let users: Awaited<ReturnType<typeof startUsers>>;

  beforeAll(async () => {
    redis = await startRedis();
    users = await startUsers({ environment: { MONGODB_URI: (await testMongo()).uri, REDIS_URL: redis.url } });
    await users.started;
  }, 60_000);
  afterAll(async () => {
    await users.stop();
    await redis.stop();
  });

  const attempt = (login: string, password: string) =>
    users.http.post('/auth/login').send({ login, password });

  test('people sign in, and guessing stays limited', async () => {
    await redis.stop();
    const [ada, bob] = [await register(users.http), await register(users.http)];
    await attempt(ada.username, PASSWORD).expect(200);
    for (let n = 0; n < 5; n += 1) await attempt(bob.username, 'wrong password').expect(401);
    await attempt(bob.username, PASSWORD).expect(429);
    await users.http.get('/health/ready').expect(200);
    expect(users.lines).toContainEqual(COUNTED_ALONE);
  });

  test('it counts in Redis again when Redis is back', async () => {
    await redis.start();
    const counted = 'login_limit_restored';
    await eventually(async () => {
      await login(users.http, (await register(users.http)).username);
      expect(users.lines.map(({ event }) => event)).toContain(counted);
    }, 20_000);
  }, 30_000);
});
