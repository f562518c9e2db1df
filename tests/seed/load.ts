import { z } from 'zod';
import type { Gateway } from './gateway.ts';
import { orders, people, posts, type SeedOrder, type SeedPost } from './marketplace.ts';
import { join, type Member } from './member.ts';

/** What was made just now, and what was there before. */
export interface Tally {
  made: number;
  there: number;
}

export interface Loaded {
  readonly people: Tally;
  readonly posts: Tally;
  readonly orders: Tally;
  /** How many of these orders ended how. */
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
  cancelled: 'tok_slow', // leaves the time to cancel
} as const;

/** Makes what is missing of the marketplace; resolves when all its orders have ended. @throws {SeedStopped} */
export async function loadMarketplace(gateway: Gateway): Promise<Loaded> {
  const tallies = { people: newTally(), posts: newTally(), orders: newTally() };
  const members = new Map<string, Member>();
  for (const person of people) {
    const member = await join(gateway, person);
    count(tallies.people, member.isNew);
    members.set(person.username, member);
  }

  const postIds = new Map<string, string>();
  for (const [username, own] of Map.groupBy(posts, ({ author }) => author)) {
    await writePosts(memberOf(members, username), own, { ids: postIds, tally: tallies.posts });
  }

  const placed: { buyer: Member; id: string }[] = [];
  for (const [username, own] of Map.groupBy(orders, ({ buyer }) => buyer)) {
    const buyer = memberOf(members, username);
    const ids = await placeOrders(buyer, own, { postIds, tally: tallies.orders });
    placed.push(...ids.map((id) => ({ buyer, id })));
  }
  const ended = await Promise.all(placed.map(({ buyer, id }) => endOf(buyer, id)));
  const ends = Object.entries(Object.groupBy(ended, (end) => end));
  return { ...tallies, ends: Object.fromEntries(ends.map(([end, list = []]) => [end, list.length])) };
}

async function writePosts(
  author: Member,
  own: readonly SeedPost[],
  { ids, tally }: { ids: Map<string, string>; tally: Tally },
): Promise<void> {
  const there = await author.list(`/api/posts?author=${author.id}`, post);
  for (const { title, content, tags, status, offer } of own) {
    const found = there.find((candidate) => candidate.title === title);
    const sold = offer && { price: { amount: offer.cents, currency: 'EUR' }, stock: offer.stock };
    const body = { title, content, tags, ...(status && { status }), ...(sold && { offer: sold }) };
    const { id } = found ?? post.parse((await author.ask([201], 'POST', '/api/posts', { body })).body);
    count(tally, found === undefined);
    ids.set(keyOf(author.username, title), id);
  }
}

async function placeOrders(
  buyer: Member,
  own: readonly SeedOrder[],
  { postIds, tally }: { postIds: ReadonlyMap<string, string>; tally: Tally },
): Promise<string[]> {
  const there = await buyer.list('/api/orders', order);
  const ids: string[] = [];
  for (const { post: wanted, quantity, end } of own) {
    const postId = postIds.get(keyOf(...wanted)) ?? '';
    const found = there.find(({ items: [item] }) => item?.postId === postId && item.quantity === quantity);
    count(tally, found === undefined);
    ids.push(found?.id ?? (await place(buyer, { postId, quantity, end })));
  }
  return ids;
}

async function place(
  buyer: Member,
  { postId, quantity, end }: { postId: string; quantity: number; end: SeedOrder['end'] },
): Promise<string> {
  const body = { items: [{ postId, quantity }], payment: { token: PAYMENTS[end] } };
  const { id } = order.parse((await buyer.ask([202], 'POST', '/api/orders', { body })).body);
  // 409: on a machine that is busy enough the payment was faster.
  if (end === 'cancelled') await buyer.ask([200, 409], 'POST', `/api/orders/${id}/cancel`);
  return id;
}

/** Its status when nothing more happens to it: until then its stream stays open. */
async function endOf(buyer: Member, id: string): Promise<string> {
  await buyer.ask([200], 'GET', `/api/orders/${id}/stream`);
  return order.parse((await buyer.ask([200], 'GET', `/api/orders/${id}`)).body).status;
}

function memberOf(members: ReadonlyMap<string, Member>, username: string): Member {
  const member = members.get(username);
  if (member === undefined)
    throw new Error(`The marketplace has no ${username}: a mistake in marketplace.ts.`);
  return member;
}

const keyOf = (author: string, title: string): string => `${author}: ${title}`;

const newTally = (): Tally => ({ made: 0, there: 0 });

function count(tally: Tally, isMade: boolean): void {
  tally[isMade ? 'made' : 'there'] += 1;
}
