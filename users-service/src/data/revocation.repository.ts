import type { Model } from 'mongoose';
import { revoke, type RevocationRepository } from '../domain/revocation.ts';
import type { RevocationDocument } from './revocation.model.ts';

export interface StoredRevocations extends RevocationRepository {
  /** Of sessions that end now. One that has ended before keeps its time. */
  add(sessionIds: readonly string[]): Promise<void>;
}

export function createRevocationRepository(
  model: Model<RevocationDocument>,
  now: () => Date,
): StoredRevocations {
  return {
    add: async (sessionIds) => {
      if (sessionIds.length === 0) return;
      await model.bulkWrite(
        sessionIds.map((sessionId) => {
          const { endedAt, until } = revoke(sessionId, now());
          const update = { $setOnInsert: { endedAt, until } };
          return { updateOne: { filter: { _id: sessionId }, update, upsert: true } };
        }),
      );
    },
    after: async ([endedAt, sessionId], limit) => {
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
