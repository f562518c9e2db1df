import { expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

const env = { REDIS_URL: (await testRedis()).url, REPORT_BACK_MS: '0', SILENCE_MS: '1500' };

const names = async (registry: TestRegistry): Promise<string[]> =>
  (await registry.http.get('/services')).body.services.map(({ name }: { name: string }) => name);

test('an instance without heartbeats is removed, blocking queries end, and another replica expires instances after the first has stopped', async () => {
  const first = await startRegistry(env);
  const second = await startRegistry(env);
  await first.register(createRegistrationBody('plain', 3001)).expect(200);
  await first.register(createRegistrationBody('short', 3001, { ttlMs: 1_000 })).expect(200);
  await first.register(createRegistrationBody('long', 3001, { ttlMs: 60_000 })).expect(200);
  await first.stop();

  const path = '/v1/health/service/short';
  const index = (await second.http.get(path)).get('X-Consul-Index');
  const told = await second.http.get(`${path}?index=${index}&wait=20s`);
  expect(told.body).toEqual([]);
  await eventually(async () => expect(await names(second)).toEqual(['long']));
  const { text } = await second.http.get('/metrics');
  expect(text).toMatch(/^registry_evictions_total\{.*\} 2$/m);
  expect(text).toMatch(/^registry_instances\{instance_service="long",state="up",.*\} 1$/m);
  await second.stop();
});
