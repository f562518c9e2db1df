import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import { META, SERVICES } from '../src/data/scripts/redis-keys.ts';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let redisUrl: string;
let one: TestRegistry;
let other: TestRegistry;
/** Polls once in ten minutes. */
let patient: TestRegistry;
beforeAll(async () => {
  redisUrl = (await testRedis()).url;
  const env = { REDIS_URL: redisUrl };
  one = await startRegistry(env);
  other = await startRegistry(env);
  patient = await startRegistry({ ...env, POLL_MS: '600000' });
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop(), patient.stop()]);
});

const CHANGE_WITHOUT_HINT = `
  local index = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'index', 1))
  redis.call('ZADD', KEYS[2], index, ARGV[1])
  return index`;

const names = async (registry: TestRegistry): Promise<string[]> =>
  (await registry.http.get('/services')).body.services.map(({ name }: { name: string }) => name);

describe('two replicas on one Redis', () => {
  test('each see the other’s changes at once', async () => {
    for (const [at, [writer, reader]] of [
      [one, other],
      [other, one],
    ].entries()) {
      const service = `seen-${at}`;
      await writer?.register(createRegistrationBody(service, 3001)).expect(200);
      if (reader !== undefined) expect(await names(reader)).toContain(service);
    }
  });

  test('end each other’s blocking queries by a notification, long before the next poll', async () => {
    const path = '/v1/health/service/woken';
    const index = (await patient.http.get(path)).get('X-Consul-Index');
    const waiting = patient.http.get(`${path}?index=${index}&wait=10s`).then(({ body }) => body);
    await one.register(createRegistrationBody('woken', 3001)).expect(200);
    expect(await waiting).toHaveLength(1);
  });

  test('find changes without a notification by polling', async () => {
    const path = '/v1/health/service/unhinted';
    await one.register(createRegistrationBody('unhinted', 3001)).expect(200);
    const index = (await one.http.get(path)).get('X-Consul-Index');
    const waiting = one.http
      .get(`${path}?index=${index}&wait=10s`)
      .then((response) => response.get('X-Consul-Index'));
    const client = new Redis(redisUrl);
    const changed = String(await client.eval(CHANGE_WITHOUT_HINT, 2, META, SERVICES, 'unhinted'));
    expect(await waiting).toBe(changed);
    client.disconnect();
  });

  test('both accept an instance’s heartbeats', async () => {
    await one.register(createRegistrationBody('beating', 3001)).expect(200);
    await other.http.post('/heartbeat/beating').expect(200);
    await other.http.delete('/unregister/beating').expect(200);
    await one.http.post('/heartbeat/beating').expect(404);
  });

  test('keep all of many concurrent registrations through both', async () => {
    const ports = Array.from({ length: 40 }, (_, at) => 4_000 + at);
    await Promise.all(
      ports.map((port) =>
        (port % 2 === 0 ? one : other).register(createRegistrationBody('many', port)).expect(200),
      ),
    );
    for (const registry of [one, other]) {
      expect((await names(registry)).filter((name) => name === 'many')).toHaveLength(40);
    }
  });
});
