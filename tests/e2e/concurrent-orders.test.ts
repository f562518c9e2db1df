import { beforeAll, expect, test } from '@jest/globals';
import { testRabbit, type ServiceProcess } from '@plaza/local-stack/testing';
import { eventually } from './eventually.ts';
import { startTestSystem, countUnsentEvents, type TestSystem } from './test-system.ts';
import { getMetric, getPassingInstances } from './registry-helpers.ts';
import { registerTestUser, getStock, type TestUser } from './test-user.ts';

const PIECES = 50;
/** Each with one order. Registration is expensive (argon2), so some share an account. */
const BUYERS = 200;
const ACCOUNTS = 20;

let system: TestSystem;
let replicas: readonly ServiceProcess[];
let accounts: TestUser[];

beforeAll(async () => {
  const { url } = await testRabbit();
  system = await startTestSystem(url, { replicas: { 'posts-service': 3 } });
  const { registry } = system.stack;
  replicas = system.stack.replicas('posts-service');
  await eventually(async () =>
    expect(await getPassingInstances(registry, 'posts-service')).toHaveLength(replicas.length),
  );
  const names = Array.from({ length: ACCOUNTS }, (_, number) => `buyer${number}`);
  accounts = await Promise.all(names.map((name) => registerTestUser(system.gateway, name)));
}, 180_000);

/** The number of order events that an instance has handled. */
async function countHandledEvents(replica: ServiceProcess): Promise<number> {
  const labels = { queue: 'posts-service.order_events', outcome: 'handled' };
  return (await getMetric(replica, 'messaging_consumed_total', labels)) ?? 0;
}

test(`${PIECES} units and ${BUYERS} buyers at once: three instances of the posts service sell exactly ${PIECES}`, async () => {
  const seller = await registerTestUser(system.gateway, 'seller');
  const post = await seller.createOffer('The last of its kind', PIECES);
  const orders = await Promise.all(
    Array.from({ length: BUYERS }, async (_, number) => {
      const buyer = accounts[number % ACCOUNTS] ?? seller;
      const { id } = await buyer.placeOrder(post, 1);
      return buyer.waitUntilSettled(id);
    }),
  );

  const ends = Object.groupBy(orders, ({ status, reason = 'sold' }) => `${status}: ${reason}`);
  expect(Object.fromEntries(Object.entries(ends).map(([end, list = []]) => [end, list.length]))).toEqual({
    'confirmed: sold': PIECES,
    'rejected: out_of_stock': BUYERS - PIECES,
  });
  expect(await getStock(system.gateway, post)).toBe(0);
  for (const replica of replicas) expect(await countHandledEvents(replica)).toBeGreaterThan(0);
  await eventually(async () => {
    for (const uri of Object.values(system.databases)) expect(await countUnsentEvents(uri)).toEqual({});
  });
}, 120_000);
