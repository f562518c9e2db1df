import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startRedis, testRabbit, type PrivateServer, type ServiceProcess } from '@plaza/local-stack/testing';
import { createGatewayClient } from '../seed/gateway-client.ts';
import { eventually } from './eventually.ts';
import { expectNoFailure, startBackgroundLoad, type BackgroundLoad } from './background-load.ts';
import { startTestSystem, type TestSystem } from './test-system.ts';
import { getMetric, getPassingInstances } from './registry-helpers.ts';
import { registerTestUser, type TestUser } from './test-user.ts';

/** Seconds without Redis. */
const OUTAGE_S = 60;
/** Seconds without a registry: more than a lease, so that every lease has expired. */
const ALONE_S = 20;
/** Milliseconds after which the registry must be complete again. */
const WHOLE_MS = 10_000;

let redis: PrivateServer & { url: string };
let system: TestSystem;
let buyer: TestUser;
let post: string;
let loads: BackgroundLoad[] = [];

beforeAll(async () => {
  redis = await startRedis();
  const { url } = await testRabbit();
  const own = { REDIS_URL: redis.url };
  system = await startTestSystem(url, {
    replicas: { 'service-registry': 2 },
    environment: { 'service-registry': own, 'api-gateway': own, 'users-service': own },
  });
  buyer = await registerTestUser(system.gateway, 'buyer');
  post = await (await registerTestUser(system.gateway, 'seller')).createOffer('A lamp', 1_000);
}, 180_000);

const registries = (): readonly ServiceProcess[] => system.stack.replicas('service-registry');

/** Waits until each registry lists all instances. */
async function expectAllRegistered(): Promise<void> {
  for (const registry of registries()) {
    for (const { name, url } of system.stack.services) {
      if (name !== registry.name) expect(await getPassingInstances(registry, name)).toEqual([url]);
    }
  }
}

/** Reads of a post through the gateway, and carts, for which the orders service asks for its price. */
beforeEach(async () => {
  await eventually(expectAllRegistered);
  const orders = createGatewayClient(system.stack.service('orders-service').url);
  const { token } = buyer;
  loads = [
    startBackgroundLoad(5, 200, () => system.gateway('GET', `/api/posts/${post}`)),
    startBackgroundLoad(5, 200, () => orders('PUT', `/cart/items/${post}`, { token, body: { quantity: 1 } })),
  ];
});

afterEach(async () => {
  await Promise.all(loads.map((load) => load.stop()));
});

describe(`Redis, down for ${OUTAGE_S} s and empty after its return,`, () => {
  test(`fails no call, and the registry is complete again within ${WHOLE_MS / 1_000} s`, async () => {
    await redis.stop();
    for (const registry of registries()) {
      await eventually(
        async () => expect(await getStaleSeconds(registry)).toBeGreaterThanOrEqual(OUTAGE_S),
        2_000 * OUTAGE_S,
      );
      await expectAllRegistered();
    }
    await redis.start({ empty: true });
    await eventually(async () => {
      for (const registry of registries()) expect(await getStaleSeconds(registry)).toBeUndefined();
      await expectAllRegistered();
    }, WHOLE_MS);
    await expectNoFailure(loads, OUTAGE_S);
  }, 150_000);
});

describe('all registries, killed,', () => {
  test('fail no call, and list all instances again after their return', async () => {
    const orders = system.stack.service('orders-service');
    const age = () => getMetric(orders, 'discovery_age_seconds', { upstream: 'posts-service' });
    await Promise.all(registries().map((registry) => registry.kill()));
    await eventually(async () => expect(await age()).toBeGreaterThan(ALONE_S), 3_000 * ALONE_S);
    await Promise.all(registries().map((registry) => registry.start()));
    await eventually(expectAllRegistered);
    await eventually(async () => expect(await age()).toBeLessThan(ALONE_S / 2));
    await expectNoFailure(loads, ALONE_S);
  }, 120_000);
});

/** The age of a registry's list while it cannot read its store; undefined otherwise. */
async function getStaleSeconds({ url }: ServiceProcess): Promise<number | undefined> {
  const stale = (await fetch(`${url}/services`)).headers.get('x-registry-stale');
  return stale === null ? undefined : Number(stale);
}
