import { z } from 'zod';
import type { GatewayResponse } from '../seed/gateway-client.ts';
import { eventually } from './eventually.ts';
import type { TestUser } from './test-user.ts';

const accepted = z.looseObject({ id: z.string() });

/** The result of a checkout. */
export interface Purchase {
  readonly buyer: TestUser;
  readonly orderId: string;
}

/** Timeout of a client: longer than any outage in these tests. */
const RETRY_TIMEOUT_MS = 60_000;

/** Puts one unit into the cart and checks out; repeats failed requests with one Idempotency-Key. */
export async function checkOut(
  buyer: TestUser,
  postId: string,
  { key, token }: { key: string; token: string },
): Promise<Purchase> {
  await retryUntilStatus(200, () =>
    buyer.request('PUT', `/api/cart/items/${postId}`, { body: { quantity: 1 } }),
  );
  const response = await retryUntilStatus(202, () =>
    buyer.request('POST', '/api/checkout', {
      body: { payment: { token } },
      headers: { 'idempotency-key': key },
    }),
  );
  return { buyer, orderId: accepted.parse(response.body).id };
}

/** Repeats a request until the response has the status, since services are down at times. */
export function retryUntilStatus(
  status: number,
  ask: () => Promise<GatewayResponse>,
): Promise<GatewayResponse> {
  return eventually(async () => {
    const response = await ask();
    if (response.status !== status)
      throw new Error(`${response.status} instead of ${status}: ${response.text}`);
    return response;
  }, RETRY_TIMEOUT_MS);
}
