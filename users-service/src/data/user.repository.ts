import type { Outbox } from '@plaza/messaging';
import type { Model } from 'mongoose';
import { normalizeKey, toUserId, type User } from '../domain/user.ts';
import { UserExists } from '../domain/user.errors.ts';
import type { UniqueUserFields, UserRepository } from '../domain/user.repository.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';
import { STATE_FIELDS, type UserDocument } from './user.model.ts';

const NOT_DELETED = { deletedAt: { $exists: false } } as const;

export function createUserRepository(
  model: Model<UserDocument>,
  outbox: Outbox,
  now: () => Date,
): UserRepository {
  async function findTaken({ id, username, email }: UniqueUserFields): Promise<('username' | 'email')[]> {
    const [usernameKey, emailKey] = [normalizeKey(username), normalizeKey(email)];
    const found = await model
      .find({ $or: [{ usernameKey }, { emailKey }], _id: { $ne: id } }, { usernameKey: 1, emailKey: 1 })
      .lean();
    return [
      ...(found.some((user) => user.usernameKey === usernameKey) ? (['username'] as const) : []),
      ...(found.some((user) => user.emailKey === emailKey) ? (['email'] as const) : []),
    ];
  }

  /** Says in the domain's words which unique index a write would have broken. */
  async function rethrowingDuplicates<T>(state: User, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (isDuplicateKey(error)) throw new UserExists(await findTaken(state));
      throw error;
    }
  }

  return {
    findById: async (id) => toUserOrNull(await model.findOne({ _id: id, ...NOT_DELETED }).lean()),

    findByLogin: async (login) => {
      const field = login.includes('@') ? 'emailKey' : 'usernameKey';
      return toUserOrNull(await model.findOne({ [field]: normalizeKey(login) }).lean());
    },

    list: async (limit, after) => {
      const later = after === undefined ? {} : { _id: { $gt: after } };
      const found = await model
        .find({ ...later, ...NOT_DELETED })
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      return found.map(toUser);
    },

    findTaken,

    hasOtherAdmin: async (id) => (await model.exists({ admin: true, _id: { $ne: id } })) !== null,

    add: ({ state, events }) =>
      rethrowingDuplicates(state, () => outbox.insert(state.id, stateOf(state), events)),

    save: ({ state, events }) =>
      rethrowingDuplicates(state, () =>
        outbox.save({ id: state.id, seq: state.seq }, { set: stateOf(state) }, events),
      ),

    remove: ({ id, seq }, { events }) =>
      outbox.save({ id, seq }, { set: { deletedAt: now() }, unset: Object.keys(STATE_FIELDS) }, events),
  };
}

function stateOf({ id: _id, seq: _seq, ...state }: User): Omit<UserDocument, '_id' | 'seq' | 'outbox'> {
  return { ...state, usernameKey: normalizeKey(state.username), emailKey: normalizeKey(state.email) };
}

function toUserOrNull(document: UserDocument | null): User | null {
  return document === null ? null : toUser(document);
}

function toUser(document: UserDocument): User {
  const { username, email, name, bio, preferences, passwordHash, passwordVersion, admin } = document;
  const { _id, seq, createdAt, updatedAt } = document;
  const { locale, theme, notifications } = preferences;
  return {
    id: toUserId(_id),
    seq,
    username,
    email,
    name,
    bio,
    preferences: { locale, theme, notifications: { email: notifications.email, push: notifications.push } },
    passwordHash,
    passwordVersion,
    admin,
    createdAt,
    updatedAt,
  };
}
