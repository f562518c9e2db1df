import type { Model } from 'mongoose';
import type { RevocationRepository } from '../domain/revocation.repository.ts';
import { createRevocation } from '../domain/revocation.ts';
import type { RevocationDocument } from './revocation.model.ts';

export function createRevocationRepository(
  model: Model<RevocationDocument>,
  now: () => Date,
): RevocationRepository {
  return {
    add: async (sessionIds) => {
      if (sessionIds.length === 0) return;
      await model.bulkWrite(
        sessionIds.map((sessionId) => {
          const { endedAt, until } = createRevocation(sessionId, now());
          const update = { $setOnInsert: { endedAt, until } };
          return { updateOne: { filter: { _id: sessionId }, update, upsert: true } };
        }),
      );
    },
    findAfter: async ([endedAt, sessionId], limit) => {
      const at = new Date(endedAt);
      const found = await model
        .find({
          $or: [{ endedAt: { $gt: at } }, { endedAt: at, _id: { $gt: sessionId } }],
          until: { $gt: now() },
        })
        .sort({ endedAt: 1, _id: 1 })
        .limit(limit)
        .lean();
      return found.map(({ _id, ...times }) => ({ sessionId: _id, ...times }));
    },
  };
}
