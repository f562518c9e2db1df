import type { Model } from 'mongoose';
import type { BuyerId } from '../domain/buyer.ts';
import type { IdempotencyKeyRepository } from '../domain/idempotency-key.repository.ts';
import type { IdempotencyKey } from '../domain/idempotency-key.ts';
import type { IdempotencyKeyDocument } from './idempotency-key.model.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';

const toDocumentId = (userId: BuyerId, key: string) => `${userId}/${key}`;

/** The TTL index takes expired keys away within minutes; until then they are treated as gone. */
export function createIdempotencyKeyRepository(
  model: Model<IdempotencyKeyDocument>,
  now: () => Date,
): IdempotencyKeyRepository {
  async function find(userId: BuyerId, key: string): Promise<IdempotencyKey | null> {
    const found = await model.findOne({ _id: toDocumentId(userId, key), expiresAt: { $gt: now() } }).lean();
    if (found === null) return null;
    const { _id, ...idempotencyKey } = found;
    return idempotencyKey;
  }

  async function acquire(idempotencyKey: IdempotencyKey): Promise<IdempotencyKey> {
    const _id = toDocumentId(idempotencyKey.userId, idempotencyKey.key);
    for (;;) {
      if (await insertIfAbsent(() => model.create({ _id, ...idempotencyKey }))) return idempotencyKey;
      const existing = await find(idempotencyKey.userId, idempotencyKey.key);
      if (existing !== null) return existing;
      await model.deleteOne({ _id, expiresAt: { $lte: now() } });
    }
  }

  return {
    find,
    acquire,
    removeByUser: async (userId) => {
      await model.deleteMany({ userId });
    },
  };
}
