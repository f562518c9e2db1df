import { z } from 'zod';
import type { Answer } from '../seed/gateway.ts';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';

const accepted = z.looseObject({ id: z.string() });

/** Whose order came of it. */
export interface Purchase {
  readonly buyer: Person;
  readonly orderId: string;
}

/** A client gives up after this: longer than a service or the broker is ever away here. */
const PATIENCE_MS = 60_000;

/** Puts a piece into the cart and checks out, as a client does that repeats, under one key, what failed. */
export async function buy(
  buyer: Person,
  postId: string,
  { key, token }: { key: string; token: string },
): Promise<Purchase> {
  await insist(200, () => buyer.call('PUT', `/api/cart/items/${postId}`, { body: { quantity: 1 } }));
  const answer = await insist(202, () =>
    buyer.call('POST', '/api/checkout', {
      body: { payment: { token } },
      headers: { 'idempotency-key': key },
    }),
  );
  return { buyer, orderId: accepted.parse(answer.body).id };
}

/** Asks until the answer has the status: somebody who should be there is not there now and then. */
export function insist(status: number, ask: () => Promise<Answer>): Promise<Answer> {
  return eventually(async () => {
    const answer = await ask();
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
    return answer;
  }, PATIENCE_MS);
}
