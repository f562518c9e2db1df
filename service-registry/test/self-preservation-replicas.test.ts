import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

const TTL_MS = 3_000;
const EVERY_MS = 300;
const env = { REDIS_URL: (await testRedis()).url, REPORT_BACK_MS: String(TTL_MS / 3) };

let leader: TestRegistry;
let other: TestRegistry;
beforeAll(async () => {
  leader = await startRegistry(env);
  other = await startRegistry(env);
});
afterAll(() => Promise.all([leader.stop(), other.stop()]));

const PORTS = Array.from({ length: 10 }, (_, at) => 3_001 + at);

async function listed() {
  const response = await other.http.get('/services').expect(200);
  const services: { lastHeartbeat: number }[] = response.body.services;
  return {
    count: services.length,
    guard: response.get('X-Registry-Guard'),
    silentMs: Date.now() - Math.min(...services.map(({ lastHeartbeat }) => lastHeartbeat)),
  };
}

/** The value of a replica's gauge. */
async function gauge(registry: TestRegistry, name: string): Promise<number> {
  const { text } = await registry.http.get('/metrics').expect(200);
  return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
}

test('while nine of ten instances send no heartbeat none is removed, every replica reports self-preservation, and it ends by itself', async () => {
  let beating = PORTS;
  let beats: Promise<unknown> = Promise.resolve();
  const beat = () => {
    beats = Promise.all(
      beating.map((port) =>
        leader.register(createRegistrationBody('users', port, { ttlMs: TTL_MS })).expect(200),
      ),
    );
  };
  beat();
  await beats;
  const timer = setInterval(beat, EVERY_MS);

  beating = PORTS.slice(0, 1);
  await eventually(async () => expect((await listed()).guard).toBe('renewed=1, expected=10'), TTL_MS * 2);
  await eventually(async () => expect((await listed()).silentMs).toBeGreaterThan(TTL_MS * 2), TTL_MS * 4);
  expect((await listed()).count).toBe(10);
  const health = await other.http.get('/v1/health/service/users?passing').expect(200);
  expect([health.body.length, health.get('X-Registry-Guard')]).toEqual([10, 'renewed=1, expected=10']);
  for (const replica of [leader, other]) {
    expect(await gauge(replica, 'registry_guard_active')).toBe(1);
    expect(await gauge(replica, 'registry_renewals_in_time')).toBe(1);
  }

  beating = PORTS.slice(0, 9);
  await eventually(
    async () => expect(await listed()).toMatchObject({ count: 9, guard: undefined }),
    TTL_MS * 3,
  );
  expect(await gauge(other, 'registry_guard_active')).toBe(0);
  clearInterval(timer);
  await beats;
}, 60_000);
