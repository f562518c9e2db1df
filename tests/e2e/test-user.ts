import { z } from 'zod';
import type { GatewayResponse, GatewayRequestOptions, GatewayClient } from '../seed/gateway-client.ts';
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
export type PlacedOrder = z.output<typeof order>;

/** Less than the two minutes after which a pending order is cancelled. */
const SETTLED_WITHIN_MS = 60_000;

/** A logged-in user. */
export interface TestUser {
  readonly id: string;
  readonly username: string;
  /** An access token. */
  readonly token: string;
  /** Calls the gateway with the access token. */
  request(method: string, path: string, options?: GatewayRequestOptions): Promise<GatewayResponse>;
  /** Posts an offer at 12.50 EUR; returns the post's id. */
  createOffer(title: string, stock: number): Promise<string>;
  /** Places an order; throws if it is refused. */
  placeOrder(postId: string, quantity: number, options?: GatewayRequestOptions): Promise<PlacedOrder>;
  getOrder(id: string): Promise<PlacedOrder>;
  /** The order after its pending state. */
  waitUntilSettled(id: string): Promise<PlacedOrder>;
}

export async function registerTestUser(gateway: GatewayClient, username: string): Promise<TestUser> {
  const password = 'correct horse battery';
  const email = `${username}@example.com`;
  const { id } = made.parse(
    expectStatus(201, await gateway('POST', '/api/users', { body: { username, email, password } })),
  );
  const login = await gateway('POST', '/api/auth/login', { body: { login: username, password } });
  const { accessToken: token } = tokens.parse(expectStatus(200, login));
  const request: TestUser['request'] = (method, path, options) =>
    gateway(method, path, { token, ...options });
  const getOrder = async (orderId: string): Promise<PlacedOrder> =>
    order.parse(expectStatus(200, await request('GET', `/api/orders/${orderId}`)));

  return {
    id,
    username,
    token,
    request,
    getOrder,
    async createOffer(title, stock) {
      const offer = { price: { amount: 1250, currency: 'EUR' }, stock };
      const body = { title, content: 'As good as new.', tags: ['e2e'], offer };
      return made.parse(expectStatus(201, await request('POST', '/api/posts', { body }))).id;
    },
    async placeOrder(postId, quantity, { body, headers = {} } = {}) {
      const wanted = { items: [{ postId, quantity }], ...body };
      return order.parse(expectStatus(202, await request('POST', '/api/orders', { body: wanted, headers })));
    },
    waitUntilSettled: (orderId) =>
      eventually(async () => {
        const seen = await getOrder(orderId);
        if (seen.status === 'pending') throw new Error(`Order ${orderId} is still pending.`);
        return seen;
      }, SETTLED_WITHIN_MS),
  };
}

/** The public stock of an offer. */
export async function getStock(gateway: GatewayClient, postId: string): Promise<number> {
  return offered.parse(expectStatus(200, await gateway('GET', `/api/posts/${postId}`))).offer.stock;
}

function expectStatus(status: number, response: GatewayResponse): unknown {
  if (response.status !== status)
    throw new Error(`${response.status} instead of ${status}: ${response.text}`);
  return response.body;
}
