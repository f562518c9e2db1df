import { z } from 'zod';
import type { GatewayResponse } from '../seed/gateway-client.ts';
import { eventually } from './eventually.ts';
import type { TestUser } from './test-user.ts';

const accepted = z.looseObject({ id: z.string() });

/** Whose order came of it. */
export interface Purchase {
  readonly buyer: TestUser;
  readonly orderId: string;
}

/** A client gives up after this: longer than a service or the broker is ever away here. */
const RETRY_TIMEOUT_MS = 60_000;

/** Puts a piece into the cart and checks out, as a client does that repeats, under one key, what failed. */
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

/** Asks until the answer has the status: somebody who should be there is not there now and then. */
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
