import { createHash } from 'node:crypto';
import type { UserId } from './buyer.ts';
import { IdempotencyKeyReused } from './idempotency.errors.ts';
import type { OrderId } from './order.ts';

/** A request under a key of its caller's, as it came first. */
export interface KeyedRequest {
  readonly userId: UserId;
  readonly key: string;
  /** Tells requests from each other; made by `fingerprintOf`. */
  readonly fingerprint: string;
}

/**
 * A key bound to a request, and to the id of the order that the request makes: whoever repeats it, and
 * wherever it died before, makes that order or finds it.
 */
export interface Claim extends KeyedRequest {
  readonly orderId: OrderId;
  readonly expiresAt: Date;
}

export interface ClaimRepository {
  find(userId: UserId, key: string): Promise<Claim | null>;
  /** Binds the key, and answers what it is bound to: of several callers at once, the first one's claim. */
  claim(claim: Claim): Promise<Claim>;
  removeAllOf(userId: UserId): Promise<void>;
}

/** 24 hours, as Stripe has it (https://docs.stripe.com/api/idempotent_requests). */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** Of what was asked and with what in it; `body` is the parsed one, so that its layout does not matter. */
export function fingerprintOf(operation: string, body: unknown): string {
  return createHash('sha256')
    .update(`${operation}\n${JSON.stringify(body)}`)
    .digest('base64');
}

/** @throws {IdempotencyKeyReused} where the key came with another request first. */
export function requireSame(claim: Claim, request: KeyedRequest): void {
  if (claim.fingerprint !== request.fingerprint) throw new IdempotencyKeyReused();
}
