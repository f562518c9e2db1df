import type { Model } from 'mongoose';
import type { SigningKeyRepository } from '../domain/signing-key.repository.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';
import type { SigningKeyDocument } from './signing-key.model.ts';

export function createSigningKeyRepository(
  model: Model<SigningKeyDocument>,
  now: () => Date,
): SigningKeyRepository {
  return {
    findSince: async (generation) => {
      const found = await model
        .find({ _id: { $gte: generation } })
        .sort({ _id: 1 })
        .lean();
      return found.map(({ _id, pem }) => ({ generation: _id, pem }));
    },
    insertIfAbsent: async ({ generation, pem }) => {
      try {
        await model.create({ _id: generation, pem, createdAt: now() });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
  };
}
