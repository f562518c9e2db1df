import type { Model } from 'mongoose';
import type { Session, SessionRepository } from '../domain/session.ts';
import { userId } from '../domain/user.ts';
import type { SessionDocument } from './session.model.ts';

export function createSessionRepository(model: Model<SessionDocument>): SessionRepository {
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
    remove: async (id) => {
      await model.deleteOne({ _id: id });
    },
    removeAllOf: async (userId) => {
      await model.deleteMany({ userId });
    },
    keepOnly: async (userId, id, passwordVersion) => {
      if (id !== undefined) await model.updateOne({ _id: id, userId }, { $set: { passwordVersion } });
      await model.deleteMany({ userId, ...(id === undefined ? {} : { _id: { $ne: id } }) });
    },
  };
}

function toSession({ _id, ...state }: SessionDocument): Session {
  return { ...state, id: _id, userId: userId(state.userId) };
}
