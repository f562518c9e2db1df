import type { Model } from 'mongoose';
import type { CartRepository } from '../domain/cart.repository.ts';
import type { CartDocument } from './cart.model.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';

export function createCartRepository(model: Model<CartDocument>, now: () => Date): CartRepository {
  return {
    findByUser: async (userId) => {
      const found = await model.findById(userId).lean();
      if (found === null) return null;
      const { seq, orderId, items } = found;
      return { userId, seq, orderId, items };
    },

    save: async ({ userId, seq, orderId, items }) => {
      const state = { seq: seq + 1, orderId, items: [...items], updatedAt: now() };
      if (seq === 0) return insertIfAbsent(() => model.create({ _id: userId, ...state }));
      const { matchedCount } = await model.updateOne({ _id: userId, seq }, { $set: state });
      return matchedCount === 1;
    },

    remove: async (userId) => {
      await model.deleteOne({ _id: userId });
    },
  };
}
