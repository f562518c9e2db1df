import type { Model, QueryFilter } from 'mongoose';
import type { Session, SessionRepository } from '../domain/session.ts';
import { userId } from '../domain/user.ts';
import type { StoredRevocations } from './revocation.repository.ts';
import type { SessionDocument } from './session.model.ts';

/** Sessions that are ended at once. */
const BATCH = 1_000;

/** @param revocations are told of every session that ends, before it does: a crash in between ends too much, not too little. */
export function createSessionRepository(
  model: Model<SessionDocument>,
  revocations: Pick<StoredRevocations, 'add'>,
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
    byId: async (id) => {
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
    removeAllOf: (userId) => end({ userId }),
    keepOnly: async (userId, id, passwordVersion) => {
      if (id !== undefined) await model.updateOne({ _id: id, userId }, { $set: { passwordVersion } });
      await end({ userId, ...(id === undefined ? {} : { _id: { $ne: id } }) });
    },
  };
}

function toSession({ _id, ...state }: SessionDocument): Session {
  return { ...state, id: _id, userId: userId(state.userId) };
}
