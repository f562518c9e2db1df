import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { testRabbit, type ServiceProcess } from '@plaza/local-stack/testing';
import { z } from 'zod';
import { createGatewayClient } from '../seed/gateway-client.ts';
import { eventually } from './eventually.ts';
import { expectNoFailure, startBackgroundLoad, type BackgroundLoad } from './background-load.ts';
import { startTestSystem, type TestSystem } from './test-system.ts';
import { countDiscoveredInstances, getPassingInstances } from './registry-helpers.ts';
import { registerTestUser, type TestUser } from './test-user.ts';

/** Seconds after which the registry must have removed a crashed instance. */
const LISTED_S = 20;
/** Milliseconds after SIGTERM after which an instance must get no new request. */
const DRAINED_MS = 1_000;

let system: TestSystem;
let posts: readonly ServiceProcess[];
let seller: TestUser;
let buyer: TestUser;
let post: string;

beforeAll(async () => {
  const { url } = await testRabbit();
  system = await startTestSystem(url, {
    replicas: { 'posts-service': 3 },
    environment: { 'posts-service': { LOG_FORMAT: 'json' } },
  });
  posts = system.stack.replicas('posts-service');
  seller = await registerTestUser(system.gateway, 'seller');
  buyer = await registerTestUser(system.gateway, 'buyer');
  post = await seller.createOffer('A lamp', 1_000);
}, 180_000);

/** Each test begins with all three instances in every watch. */
beforeEach(async () => {
  await Promise.all(posts.map((replica) => replica.start()));
  await waitForInstanceCount(posts.length);
}, 60_000);

function waitForInstanceCount(instances: number): Promise<void> {
  const { stack } = system;
  return eventually(async () => {
    expect(await getPassingInstances(stack.registry, 'posts-service')).toHaveLength(instances);
    for (const service of [stack.gateway, stack.service('orders-service')])
      expect(await countDiscoveredInstances(service, 'posts-service')).toBe(instances);
  }, LISTED_S * 1_000);
}

/** Reads of a post through the gateway, and carts, for which the orders service asks for its price. */
function startReadLoad(): BackgroundLoad[] {
  const orders = createGatewayClient(system.stack.service('orders-service').url);
  const { token } = buyer;
  return [
    startBackgroundLoad(30, 200, () => system.gateway('GET', `/api/posts/${post}`)),
    startBackgroundLoad(10, 200, () =>
      orders('PUT', `/cart/items/${post}`, { token, body: { quantity: 1 } }),
    ),
  ];
}

const replica = (index: number): ServiceProcess => {
  const found = posts[index];
  if (found === undefined) throw new Error(`There is no replica ${index}.`);
  return found;
};

const logged = z.object({ event: z.string(), timestamp: z.string(), url: z.string().optional() });

/** Times of an instance's logged requests, in milliseconds since 1970. */
async function getRequestTimes(process: ServiceProcess): Promise<number[]> {
  return (await process.logs()).flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { event, timestamp, url } = logged.parse(JSON.parse(line));
    return event === 'request_received' && url?.startsWith('/posts') === true ? [Date.parse(timestamp)] : [];
  });
}

/** All instances have answered a read since. */
async function waitUntilServed(since: number, processes: readonly ServiceProcess[]): Promise<void> {
  await eventually(async () => {
    for (const process of processes) {
      const times = await getRequestTimes(process);
      expect(times.filter((time) => time > since).length).toBeGreaterThan(0);
    }
  });
}

test(`a killed instance fails no request, and the registry removes it within ${LISTED_S} s`, async () => {
  const loads = startReadLoad();
  await waitUntilServed(Date.now(), posts);
  await replica(0).kill();
  await waitForInstanceCount(2);
  expect(await getPassingInstances(system.stack.registry, 'posts-service')).not.toContain(replica(0).url);
  await expectNoFailure(loads);
}, 60_000);

test('a stopped instance fails no request, and gets no new one after a second', async () => {
  const { stack, gateway } = system;
  const content = { title: 'A chair', content: 'As good as new.', tags: [] };
  const loads = [
    ...startReadLoad(),
    startBackgroundLoad(10, 201, () => seller.request('POST', '/api/posts', { body: content })),
    startBackgroundLoad(10, 200, () => gateway('GET', '/api/posts')),
  ];
  await waitUntilServed(Date.now(), posts);
  const told = Date.now();
  await replica(1).stop();
  expect(await getPassingInstances(stack.registry, 'posts-service')).not.toContain(replica(1).url);
  await waitUntilServed(Date.now(), [replica(0), replica(2)]);
  await expectNoFailure(loads, 20);
  const lastRequest = Math.max(...(await getRequestTimes(replica(1))));
  expect(lastRequest - told).toBeLessThan(DRAINED_MS);
}, 60_000);

test('a restarted instance gets its share again', async () => {
  await replica(2).kill();
  await waitForInstanceCount(2);
  const loads = startReadLoad();
  const began = Date.now();
  await replica(2).start();
  await waitUntilServed(began, posts);
  await expectNoFailure(loads, 1);
}, 60_000);
