import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startRedis, testRabbit, type PrivateServer, type ServiceProcess } from '@plaza/local-stack/testing';
import { gatewayAt } from '../seed/gateway.ts';
import { eventually } from './eventually.ts';
import { expectNoFailure, startLoad, type Load } from './load.ts';
import { startMarket, type Market } from './market.ts';
import { metricOf, passing } from './neighbourhood.ts';
import { registerPerson, type Person } from './person.ts';

/** Seconds without Redis. */
const OUTAGE_S = 60;
/** Seconds without a registry: more than a lease, so that what is known is known of nobody any more. */
const ALONE_S = 20;
/** Milliseconds in which the registry must be whole again. */
const WHOLE_MS = 10_000;

let redis: PrivateServer & { url: string };
let market: Market;
let buyer: Person;
let post: string;
let loads: Load[] = [];

beforeAll(async () => {
  redis = await startRedis();
  const { url } = await testRabbit();
  const own = { REDIS_URL: redis.url };
  market = await startMarket(url, {
    replicas: { 'service-registry': 2 },
    environment: { 'service-registry': own, 'api-gateway': own, 'users-service': own },
  });
  buyer = await registerPerson(market.gateway, 'buyer');
  post = await (await registerPerson(market.gateway, 'seller')).offer('A lamp', 1_000);
}, 180_000);

const registries = (): readonly ServiceProcess[] => market.stack.replicas('service-registry');

/** Everybody who registers, in the list of each registry. */
async function expectWhole(): Promise<void> {
  for (const registry of registries()) {
    for (const { name, url } of market.stack.services) {
      if (name !== registry.name) expect(await passing(registry, name)).toEqual([url]);
    }
  }
}

/** Readers of a post at the gateway, and buyers whose carts ask for its price, by the client of the orders service. */
beforeEach(async () => {
  await eventually(expectWhole);
  const orders = gatewayAt(market.stack.service('orders-service').url);
  const { token } = buyer;
  loads = [
    startLoad(5, 200, () => market.gateway('GET', `/api/posts/${post}`)),
    startLoad(5, 200, () => orders('PUT', `/cart/items/${post}`, { token, body: { quantity: 1 } })),
  ];
});

afterEach(async () => {
  await Promise.all(loads.map((load) => load.stop()));
});

describe(`Redis, away for ${OUTAGE_S} s and empty when it is back,`, () => {
  test(`stops no call, and the registry is whole again within ${WHOLE_MS / 1_000} s`, async () => {
    await redis.stop();
    for (const registry of registries()) {
      await eventually(
        async () => expect(await staleSeconds(registry)).toBeGreaterThanOrEqual(OUTAGE_S),
        2_000 * OUTAGE_S,
      );
      await expectWhole();
    }
    await redis.start({ empty: true });
    await eventually(async () => {
      for (const registry of registries()) expect(await staleSeconds(registry)).toBeUndefined();
      await expectWhole();
    }, WHOLE_MS);
    await expectNoFailure(loads, OUTAGE_S);
  }, 150_000);
});

describe('all registries, killed,', () => {
  test('stop no call, and everybody is registered again when they are back', async () => {
    const orders = market.stack.service('orders-service');
    const age = () => metricOf(orders, 'discovery_age_seconds', { upstream: 'posts-service' });
    await Promise.all(registries().map((registry) => registry.kill()));
    await eventually(async () => expect(await age()).toBeGreaterThan(ALONE_S), 3_000 * ALONE_S);
    await Promise.all(registries().map((registry) => registry.start()));
    await eventually(expectWhole);
    await eventually(async () => expect(await age()).toBeLessThan(ALONE_S / 2));
    await expectNoFailure(loads, ALONE_S);
  }, 120_000);
});

/** How old the list is that a registry hands out, where it cannot read its store; undefined where it can. */
async function staleSeconds({ url }: ServiceProcess): Promise<number | undefined> {
  const stale = (await fetch(`${url}/services`)).headers.get('x-registry-stale');
  return stale === null ? undefined : Number(stale);
}
