import { beforeAll, expect, test } from '@jest/globals';
import { testRabbit, type ServiceProcess } from '@plaza/local-stack/testing';
import { eventually } from './eventually.ts';
import { startMarket, unsent, type Market } from './market.ts';
import { metricOf, passing } from './neighbourhood.ts';
import { registerPerson, stockOf, type Person } from './person.ts';

const PIECES = 50;
/** Each with an order of their own. Signing up is made expensive (argon2), so some of them share an account. */
const BUYERS = 200;
const ACCOUNTS = 20;

let market: Market;
let replicas: readonly ServiceProcess[];
let accounts: Person[];

beforeAll(async () => {
  const { url } = await testRabbit();
  market = await startMarket(url, { replicas: { 'posts-service': 3 } });
  const { registry } = market.stack;
  replicas = market.stack.replicas('posts-service');
  await eventually(async () =>
    expect(await passing(registry, 'posts-service')).toHaveLength(replicas.length),
  );
  const names = Array.from({ length: ACCOUNTS }, (_, number) => `buyer${number}`);
  accounts = await Promise.all(names.map((name) => registerPerson(market.gateway, name)));
}, 180_000);

/** How many events of orders an instance has handled. */
async function handled(replica: ServiceProcess): Promise<number> {
  const labels = { queue: 'posts-service.order_events', outcome: 'handled' };
  return (await metricOf(replica, 'messaging_consumed_total', labels)) ?? 0;
}

test(`${PIECES} pieces and ${BUYERS} buyers at once: ${PIECES} are sold, by three instances of the posts service`, async () => {
  const seller = await registerPerson(market.gateway, 'seller');
  const post = await seller.offer('The last of its kind', PIECES);
  const orders = await Promise.all(
    Array.from({ length: BUYERS }, async (_, number) => {
      const buyer = accounts[number % ACCOUNTS] ?? seller;
      const { id } = await buyer.order(post, 1);
      return buyer.settled(id);
    }),
  );

  const ends = Object.groupBy(orders, ({ status, reason = 'sold' }) => `${status}: ${reason}`);
  expect(Object.fromEntries(Object.entries(ends).map(([end, list = []]) => [end, list.length]))).toEqual({
    'confirmed: sold': PIECES,
    'rejected: out_of_stock': BUYERS - PIECES,
  });
  expect(await stockOf(market.gateway, post)).toBe(0);
  for (const replica of replicas) expect(await handled(replica)).toBeGreaterThan(0);
  await eventually(async () => {
    for (const uri of Object.values(market.databases)) expect(await unsent(uri)).toEqual({});
  });
}, 120_000);
