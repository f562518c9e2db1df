import { z } from 'zod';
import type { GatewayClient } from './gateway-client.ts';
import { orders, people, posts, type SeedOrder, type SeedPost } from './seed-data.ts';
import { registerSeedUser, type SeedUser } from './seed-user.ts';

/** The numbers of created and of existing entities. */
export interface SeedCount {
  created: number;
  existing: number;
}

export interface SeedResult {
  readonly people: SeedCount;
  readonly posts: SeedCount;
  readonly orders: SeedCount;
  /** The number of orders by final status. */
  readonly ends: Readonly<Record<string, number>>;
}

const post = z.object({ id: z.string(), title: z.string() });
const order = z.object({
  id: z.string(),
  status: z.string(),
  items: z.array(z.object({ postId: z.string(), quantity: z.int() })),
});

const PAYMENTS = {
  confirmed: 'tok_ok',
  declined: 'tok_declined',
  'too many': 'tok_ok',
  cancelled: 'tok_slow', // slow enough to cancel it
} as const;

/** Creates the missing sample data; resolves when all its orders have ended. @throws {SeedError} */
export async function loadMarketplace(gateway: GatewayClient): Promise<SeedResult> {
  const counts = { people: createSeedCount(), posts: createSeedCount(), orders: createSeedCount() };
  const users = new Map<string, SeedUser>();
  for (const person of people) {
    const user = await registerSeedUser(gateway, person);
    increment(counts.people, user.isNew);
    users.set(person.username, user);
  }

  const postIds = new Map<string, string>();
  for (const [username, own] of Map.groupBy(posts, ({ author }) => author)) {
    await createPosts(getSeedUser(users, username), own, { ids: postIds, count: counts.posts });
  }

  const placed: { buyer: SeedUser; id: string }[] = [];
  for (const [username, own] of Map.groupBy(orders, ({ buyer }) => buyer)) {
    const buyer = getSeedUser(users, username);
    const ids = await placeOrders(buyer, own, { postIds, count: counts.orders });
    placed.push(...ids.map((id) => ({ buyer, id })));
  }
  const ended = await Promise.all(placed.map(({ buyer, id }) => waitForFinalStatus(buyer, id)));
  const ends = Object.entries(Object.groupBy(ended, (end) => end));
  return { ...counts, ends: Object.fromEntries(ends.map(([end, list = []]) => [end, list.length])) };
}

async function createPosts(
  author: SeedUser,
  own: readonly SeedPost[],
  { ids, count }: { ids: Map<string, string>; count: SeedCount },
): Promise<void> {
  const existing = await author.list(`/api/posts?author=${author.id}`, post);
  for (const { title, content, tags, status, offer } of own) {
    const found = existing.find((candidate) => candidate.title === title);
    const sold = offer && { price: { amount: offer.cents, currency: 'EUR' }, stock: offer.stock };
    const body = { title, content, tags, ...(status && { status }), ...(sold && { offer: sold }) };
    const { id } = found ?? post.parse((await author.request([201], 'POST', '/api/posts', { body })).body);
    increment(count, found === undefined);
    ids.set(postKey(author.username, title), id);
  }
}

async function placeOrders(
  buyer: SeedUser,
  own: readonly SeedOrder[],
  { postIds, count }: { postIds: ReadonlyMap<string, string>; count: SeedCount },
): Promise<string[]> {
  const existing = await buyer.list('/api/orders', order);
  const ids: string[] = [];
  for (const { post: wanted, quantity, end } of own) {
    const postId = postIds.get(postKey(...wanted)) ?? '';
    const found = existing.find(({ items: [item] }) => item?.postId === postId && item.quantity === quantity);
    increment(count, found === undefined);
    ids.push(found?.id ?? (await placeOrder(buyer, { postId, quantity, end })));
  }
  return ids;
}

async function placeOrder(
  buyer: SeedUser,
  { postId, quantity, end }: { postId: string; quantity: number; end: SeedOrder['end'] },
): Promise<string> {
  const body = { items: [{ postId, quantity }], payment: { token: PAYMENTS[end] } };
  const { id } = order.parse((await buyer.request([202], 'POST', '/api/orders', { body })).body);
  // 409: on a busy machine the payment may come first.
  if (end === 'cancelled') await buyer.request([200, 409], 'POST', `/api/orders/${id}/cancel`);
  return id;
}

/** The final status of an order: its stream stays open until then. */
async function waitForFinalStatus(buyer: SeedUser, id: string): Promise<string> {
  await buyer.request([200], 'GET', `/api/orders/${id}/stream`);
  return order.parse((await buyer.request([200], 'GET', `/api/orders/${id}`)).body).status;
}

function getSeedUser(users: ReadonlyMap<string, SeedUser>, username: string): SeedUser {
  const user = users.get(username);
  if (user === undefined)
    throw new Error(`The sample data has no user ${username}: an error in seed-data.ts.`);
  return user;
}

const postKey = (author: string, title: string): string => `${author}: ${title}`;

const createSeedCount = (): SeedCount => ({ created: 0, existing: 0 });

function increment(count: SeedCount, isNew: boolean): void {
  count[isNew ? 'created' : 'existing'] += 1;
}
