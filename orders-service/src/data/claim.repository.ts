import type { Model } from 'mongoose';
import type { UserId } from '../domain/buyer.ts';
import type { Claim, ClaimRepository } from '../domain/idempotency.ts';
import type { ClaimDocument } from './claim.model.ts';
import { insertedFirst } from '@plaza/service-kit/mongo';

const idOf = (userId: UserId, key: string) => `${userId}/${key}`;

/** The TTL index takes expired claims away within minutes; until then they are treated as gone. */
export function createClaimRepository(model: Model<ClaimDocument>, now: () => Date): ClaimRepository {
  async function find(userId: UserId, key: string): Promise<Claim | null> {
    const found = await model.findOne({ _id: idOf(userId, key), expiresAt: { $gt: now() } }).lean();
    if (found === null) return null;
    const { _id, ...claim } = found;
    return claim;
  }

  async function claim(wanted: Claim): Promise<Claim> {
    const _id = idOf(wanted.userId, wanted.key);
    for (;;) {
      if (await insertedFirst(() => model.create({ _id, ...wanted }))) return wanted;
      const standing = await find(wanted.userId, wanted.key);
      if (standing !== null) return standing;
      await model.deleteOne({ _id, expiresAt: { $lte: now() } });
    }
  }

  return {
    find,
    claim,
    removeAllOf: async (userId) => {
      await model.deleteMany({ userId });
    },
  };
}
