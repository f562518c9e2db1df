import type { BuyerId } from './buyer.ts';
import type { IdempotencyKey } from './idempotency-key.ts';

/** Where idempotency keys are kept, until they expire. */
export interface IdempotencyKeyRepository {
  find(userId: BuyerId, key: string): Promise<IdempotencyKey | null>;
  /** Binds the key, and answers what it is bound to: of several callers at once, the first one's. */
  acquire(idempotencyKey: IdempotencyKey): Promise<IdempotencyKey>;
  removeByUser(userId: BuyerId): Promise<void>;
}
