import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, startRedis } from '@plaza/local-stack/testing';
import { Redis as RedisClient } from 'ioredis';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

type Redis = Awaited<ReturnType<typeof startRedis>>;

let redis: Redis;
let registry: TestRegistry;
beforeAll(async () => {
  redis = await startRedis();
  registry = await startRegistry({ REDIS_URL: redis.url });
});
afterAll(async () => {
  await registry.stop();
  await redis.stop();
});

const names = async () =>
  (await registry.http.get('/services')).body.services.map(({ name }: { name: string }) => name);

const writing = () =>
  eventually(() => registry.register(createRegistrationBody('probe', 3009)).expect(200), 10_000);

test('while Redis is away it returns the last known data, marked as stale', async () => {
  await registry.register(createRegistrationBody('users', 3001)).expect(200);
  expect(await names()).toContain('users');
  await redis.stop();

  const list = await eventually(async () => {
    const response = await registry.http.get('/services').expect(200);
    expect(response.get('X-Registry-Stale')).toMatch(/^\d+$/);
    return response.body.services;
  });
  expect(list).toMatchObject([{ name: 'users', url: 'http://localhost:3001' }]);
  const health = await registry.http.get('/v1/health/service/users?passing').expect(200);
  expect(health.body).toHaveLength(1);
  expect(health.get('X-Consul-KnownLeader')).toBe('false');
  expect(Number(health.get('X-Consul-LastContact'))).toBeGreaterThan(0);
});

test('while Redis is away writes are errors in the courses’ format, and the registry stays up', async () => {
  for (const call of [
    () => registry.register(createRegistrationBody('users', 3002)),
    () => registry.http.post('/heartbeat/users'),
    () => registry.http.delete('/unregister/users'),
  ]) {
    const response = await call();
    expect(response.status).toBe(503);
    expect(response.body).toEqual({ success: false, error: expect.stringContaining('Redis is away') });
    expect(response.get('Retry-After')).toBeDefined();
  }
  await registry.http.get('/health/live').expect(200);
  await registry.http.get('/health/ready').expect(200);
  const health = await registry.http.get('/health').expect(503);
  expect(health.body.checks.database.status).toBe('unhealthy');
});

test('after the return of Redis with its data all instances are there', async () => {
  await redis.start();
  await writing();
  await eventually(async () => expect(await names()).toEqual(['probe', 'users']));
  const response = await registry.http.get('/services');
  expect(response.get('X-Registry-Stale')).toBeUndefined();
});

test('after the return of Redis without its data one heartbeat registers an instance and ends its blocking queries', async () => {
  const before = await registry.http.get('/v1/health/service/users');
  await redis.stop();
  await redis.start({ empty: true });
  await writing();
  await eventually(async () => expect(await names()).toEqual(['probe']));

  const emptied = await registry.http.get('/v1/health/service/users');
  expect(emptied.get('X-Registry-Epoch')).not.toBe(before.get('X-Registry-Epoch'));
  const index = Number(emptied.get('X-Consul-Index'));
  expect(index).toBeGreaterThan(Number(before.get('X-Consul-Index')));

  const waiting = registry.http
    .get(`/v1/health/service/users?index=${index}&wait=10s`)
    .then(({ body }) => body);
  const beat = { instanceId: 'localhost:3001', serviceUrl: 'http://localhost:3001' };
  await registry.http.post('/heartbeat/users').send(beat).expect(200);
  expect(await waiting).toHaveLength(1);
});

test('when Redis has lost only its scripts, requests succeed', async () => {
  const client = new RedisClient(redis.url);
  await registry.register(createRegistrationBody('scripted', 3001)).expect(200);
  await client.script('FLUSH');
  await Promise.all([
    registry.register(createRegistrationBody('scripted', 3002)).expect(200),
    registry.http.post('/heartbeat/scripted').send({ instanceId: 'localhost:3001' }).expect(200),
    registry.http.get('/v1/health/service/scripted').expect(200),
  ]);
  client.disconnect();
});

test('while Redis hangs, one read waits for it, and later ones return the last known data', async () => {
  const client = new RedisClient(redis.url);
  await client.client('PAUSE', 3_000, 'ALL');
  const awake = client.ping().then(() => 'Redis is back');
  const read = async () => {
    const first = await registry.http.get('/services').expect(200);
    expect(first.get('X-Registry-Stale')).toBeDefined();
    // So many that Redis would be back before the last, if each waited as the first did.
    for (let time = 0; time < 20; time += 1) await registry.http.get('/v1/health/service/users').expect(200);
    return 'all are told';
  };
  expect(await Promise.race([read(), awake])).toBe('all are told');
  await registry.http.post('/heartbeat/users').expect(503);
  await writing();
  client.disconnect();
});

test('a registry that never read its store answers 503, not an empty list', async () => {
  await redis.stop();
  const blind = await startRegistry({ REDIS_URL: redis.url }, { until: 'live' });
  const response = await blind.http.get('/services');
  expect(response.status).toBe(503);
  expect(response.body).toEqual({ success: false, error: expect.stringContaining('has not read its store') });
  await blind.http.get('/v1/health/service/users?passing').expect(503);
  await blind.http.get('/health/ready').expect(503);

  await redis.start();
  await eventually(() => blind.http.get('/health/ready').expect(200), 10_000);
  await blind.http.get('/services').expect(200);
  await blind.stop();
  await writing();
});
