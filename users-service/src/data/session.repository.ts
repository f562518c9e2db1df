import type { Model, QueryFilter } from 'mongoose';
import type { RevocationRepository } from '../domain/revocation.repository.ts';
import type { SessionRepository } from '../domain/session.repository.ts';
import type { Session } from '../domain/session.ts';
import { toUserId } from '../domain/user.ts';
import type { SessionDocument } from './session.model.ts';

/** Sessions that are ended at once. */
const BATCH = 1_000;

/** @param revocations are told of every session that ends, before it does: a crash in between ends too much, not too little. */
export function createSessionRepository(
  model: Model<SessionDocument>,
  revocations: Pick<RevocationRepository, 'add'>,
): SessionRepository {
  /** Those that begin meanwhile as well. */
  async function end(filter: QueryFilter<SessionDocument>): Promise<void> {
    for (;;) {
      const ending = await model.find(filter, { _id: 1 }).limit(BATCH).lean();
      if (ending.length === 0) return;
      const ids = ending.map(({ _id }) => _id);
      await revocations.add(ids);
      await model.deleteMany({ _id: { $in: ids } });
    }
  }

  return {
    findById: async (id) => {
      const found = await model.findById(id).lean();
      return found === null ? null : toSession(found);
    },
    add: async ({ id, ...state }) => {
      await model.create({ _id: id, ...state });
    },
    rotate: async (id, from, to) => {
      const { matchedCount } = await model.updateOne(
        { _id: id, tokenHash: from },
        { $set: { tokenHash: to } },
      );
      return matchedCount === 1;
    },
    remove: (id) => end({ _id: id }),
    removeByUser: (userId) => end({ userId }),
    removeOthers: async (userId, id, passwordVersion) => {
      if (id !== undefined) await model.updateOne({ _id: id, userId }, { $set: { passwordVersion } });
      await end({ userId, ...(id === undefined ? {} : { _id: { $ne: id } }) });
    },
  };
}

function toSession({ _id, ...state }: SessionDocument): Session {
  return { ...state, id: _id, userId: toUserId(state.userId) };
}
