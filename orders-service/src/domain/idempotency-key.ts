import { createHash } from 'node:crypto';
import type { BuyerId } from './buyer.ts';
import { IdempotencyKeyReused } from './idempotency-key.errors.ts';
import type { OrderId } from './order.ts';

/** A request under a key of its caller's, as it came first. */
export interface IdempotentRequest {
  readonly userId: BuyerId;
  readonly key: string;
  /** Tells requests from each other; made by `createFingerprint`. */
  readonly fingerprint: string;
}

/**
 * A key bound to a request, and to the id of the order that the request makes: a repeated request
 * makes that order or finds it, whatever step the first one reached.
 */
export interface IdempotencyKey extends IdempotentRequest {
  readonly orderId: OrderId;
  readonly expiresAt: Date;
}

/** 24 hours, as Stripe has it (https://docs.stripe.com/api/idempotent_requests). */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** Of what was asked and with what in it; `body` is the parsed one, so that its layout does not matter. */
export function createFingerprint(operation: string, body: unknown): string {
  return createHash('sha256')
    .update(`${operation}\n${JSON.stringify(body)}`)
    .digest('base64');
}

/** @throws {IdempotencyKeyReused} where the key came with another request first. */
export function requireSameRequest(idempotencyKey: IdempotencyKey, request: IdempotentRequest): void {
  if (idempotencyKey.fingerprint !== request.fingerprint) throw new IdempotencyKeyReused();
}
