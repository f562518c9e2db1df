import { z } from 'zod';
import type { Answer, Ask, Gateway } from '../seed/gateway.ts';
import { eventually } from './eventually.ts';

const made = z.looseObject({ id: z.string() });
const tokens = z.looseObject({ accessToken: z.string() });
const offered = z.looseObject({ offer: z.object({ stock: z.int() }) });
const order = z.looseObject({
  id: z.string(),
  status: z.enum(['pending', 'confirmed', 'rejected', 'cancelled']),
  reason: z.string().optional(),
  timeline: z.array(z.looseObject({ event: z.string() })),
});
export type SeenOrder = z.output<typeof order>;

/** Less than the two minutes after which an order is cancelled: who waits longer than this waits for nothing. */
const SETTLED_WITHIN_MS = 60_000;

/** Somebody who is logged in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  /** An access token. */
  readonly token: string;
  /** Calls the gateway with it. */
  call(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Posts an offer at 12.50 EUR; answers the post's id. */
  offer(title: string, stock: number): Promise<string>;
  /** Orders; throws where that is refused. */
  order(postId: string, quantity: number, ask?: Ask): Promise<SeenOrder>;
  seeOrder(id: string): Promise<SeenOrder>;
  /** The order when it is pending no more. */
  settled(id: string): Promise<SeenOrder>;
}

export async function registerPerson(gateway: Gateway, username: string): Promise<Person> {
  const password = 'correct horse battery';
  const email = `${username}@example.com`;
  const { id } = made.parse(
    expectStatus(201, await gateway('POST', '/api/users', { body: { username, email, password } })),
  );
  const login = await gateway('POST', '/api/auth/login', { body: { login: username, password } });
  const { accessToken: token } = tokens.parse(expectStatus(200, login));
  const call: Person['call'] = (method, path, ask) => gateway(method, path, { token, ...ask });
  const seeOrder = async (orderId: string): Promise<SeenOrder> =>
    order.parse(expectStatus(200, await call('GET', `/api/orders/${orderId}`)));

  return {
    id,
    username,
    token,
    call,
    seeOrder,
    async offer(title, stock) {
      const offer = { price: { amount: 1250, currency: 'EUR' }, stock };
      const body = { title, content: 'As good as new.', tags: ['e2e'], offer };
      return made.parse(expectStatus(201, await call('POST', '/api/posts', { body }))).id;
    },
    async order(postId, quantity, { body, headers = {} } = {}) {
      const wanted = { items: [{ postId, quantity }], ...body };
      return order.parse(expectStatus(202, await call('POST', '/api/orders', { body: wanted, headers })));
    },
    settled: (orderId) =>
      eventually(async () => {
        const seen = await seeOrder(orderId);
        if (seen.status === 'pending') throw new Error(`Order ${orderId} is still pending.`);
        return seen;
      }, SETTLED_WITHIN_MS),
  };
}

/** How many pieces of an offer are left, as anybody sees it. */
export async function stockOf(gateway: Gateway, postId: string): Promise<number> {
  return offered.parse(expectStatus(200, await gateway('GET', `/api/posts/${postId}`))).offer.stock;
}

function expectStatus(status: number, answer: Answer): unknown {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer.body;
}
