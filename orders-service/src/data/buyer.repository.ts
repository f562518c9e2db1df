import type { Model, UpdateQuery } from 'mongoose';
import type { BuyerRepository, UserVersion } from '../domain/buyer.repository.ts';
import type { BuyerDocument } from './buyer.model.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';

export function createBuyerRepository(model: Model<BuyerDocument>, now: () => Date): BuyerRepository {
  /** Where newer news are known already, the condition finds nothing, and the insert finds the id taken. */
  async function upsertIfNewer(
    { userId, seq }: UserVersion,
    update: UpdateQuery<BuyerDocument>,
  ): Promise<void> {
    const older = { _id: userId, seq: { $lt: seq } };
    await insertIfAbsent(() => model.updateOne(older, update, { upsert: true }));
  }

  return {
    findNames: async (ids) => {
      const found = await model.find({ _id: { $in: [...ids] } }, { name: 1 }).lean();
      return new Map(found.flatMap(({ _id, name }) => (name === undefined ? [] : [[_id, name] as const])));
    },

    findById: async (id) => {
      const found = await model.findById(id, { name: 1, goneSince: 1 }).lean();
      return found === null ? null : { gone: found.goneSince !== undefined, name: found.name };
    },

    upsert: ({ userId, seq, name }) => upsertIfNewer({ userId, seq }, { $set: { seq, name } }),

    markDeleted: ({ userId, seq }) =>
      upsertIfNewer({ userId, seq }, { $set: { seq, goneSince: now(), toErase: true }, $unset: { name: 1 } }),

    findPendingErasure: async (limit) => {
      const found = await model
        .find({ toErase: true }, { goneSince: 1 })
        .sort({ goneSince: 1 })
        .limit(limit)
        .lean();
      return found.flatMap(({ _id, goneSince }) =>
        goneSince === undefined ? [] : [{ userId: _id, goneSince }],
      );
    },

    completeErasure: async (id) => {
      await model.updateOne({ _id: id }, { $unset: { toErase: 1 } });
    },
  };
}
