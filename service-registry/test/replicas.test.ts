import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { anInstance, startRegistry, type TestRegistry } from './registry.ts';

let one: TestRegistry;
let other: TestRegistry;
beforeAll(async () => {
  const env = { REDIS_URL: (await testRedis()).url };
  [one, other] = await Promise.all([startRegistry(env), startRegistry(env)]);
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
});

const names = async (registry: TestRegistry): Promise<string[]> =>
  (await registry.http.get('/services')).body.services.map(({ name }: { name: string }) => name);

describe('two replicas on one Redis', () => {
  test('each see at once what the other did', async () => {
    for (const [at, [writer, reader]] of [
      [one, other],
      [other, one],
    ].entries()) {
      const service = `seen-${at}`;
      await writer?.register(anInstance(service, 3001)).expect(200);
      if (reader !== undefined) expect(await names(reader)).toContain(service);
    }
  });

  test('wake each other’s watchers', async () => {
    const path = '/v1/health/service/woken';
    const index = (await other.http.get(path)).get('X-Consul-Index');
    const waiting = other.http.get(`${path}?index=${index}&wait=10s`).then(({ body }) => body);
    await one.register(anInstance('woken', 3001)).expect(200);
    expect(await waiting).toHaveLength(1);
  });

  test('both take an instance’s heartbeats', async () => {
    await one.register(anInstance('beating', 3001)).expect(200);
    await other.http.post('/heartbeat/beating').expect(200);
    await other.http.delete('/unregister/beating').expect(200);
    await one.http.post('/heartbeat/beating').expect(404);
  });

  test('keep all of many registrations made at once through both', async () => {
    const ports = Array.from({ length: 40 }, (_, at) => 4_000 + at);
    await Promise.all(
      ports.map((port) => (port % 2 === 0 ? one : other).register(anInstance('many', port)).expect(200)),
    );
    for (const registry of [one, other]) {
      expect((await names(registry)).filter((name) => name === 'many')).toHaveLength(40);
    }
  });
});
