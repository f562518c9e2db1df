import type { Outbox } from '@plaza/messaging';
import type { Model } from 'mongoose';
import { keyOf, userId, type User } from '../domain/user.ts';
import { UserExists } from '../domain/user.errors.ts';
import type { Names, UserRepository } from '../domain/user.repository.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';
import { STATE_FIELDS, type UserDocument } from './user.model.ts';

const ALIVE = { deletedAt: { $exists: false } } as const;

export function createUserRepository(
  model: Model<UserDocument>,
  outbox: Outbox,
  now: () => Date,
): UserRepository {
  async function taken({ id, username, email }: Names): Promise<('username' | 'email')[]> {
    const [usernameKey, emailKey] = [keyOf(username), keyOf(email)];
    const found = await model
      .find({ $or: [{ usernameKey }, { emailKey }], _id: { $ne: id } }, { usernameKey: 1, emailKey: 1 })
      .lean();
    return [
      ...(found.some((user) => user.usernameKey === usernameKey) ? (['username'] as const) : []),
      ...(found.some((user) => user.emailKey === emailKey) ? (['email'] as const) : []),
    ];
  }

  /** Says in the domain's words which unique index a write would have broken. */
  async function naming<T>(state: User, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (isDuplicateKey(error)) throw new UserExists(await taken(state));
      throw error;
    }
  }

  return {
    byId: async (id) => userOf(await model.findOne({ _id: id, ...ALIVE }).lean()),

    byLogin: async (login) => {
      const field = login.includes('@') ? 'emailKey' : 'usernameKey';
      return userOf(await model.findOne({ [field]: keyOf(login) }).lean());
    },

    list: async (limit, after) => {
      const later = after === undefined ? {} : { _id: { $gt: after } };
      const found = await model
        .find({ ...later, ...ALIVE })
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      return found.map(toUser);
    },

    taken,

    hasOtherAdmin: async (id) => (await model.exists({ admin: true, _id: { $ne: id } })) !== null,

    add: ({ state, events }) => naming(state, () => outbox.insert(state.id, stateOf(state), events)),

    save: ({ state, events }) =>
      naming(state, () => outbox.save({ id: state.id, seq: state.seq }, { set: stateOf(state) }, events)),

    remove: ({ id, seq }, { events }) =>
      outbox.save({ id, seq }, { set: { deletedAt: now() }, unset: Object.keys(STATE_FIELDS) }, events),
  };
}

function stateOf({ id: _id, seq: _seq, ...state }: User): Omit<UserDocument, '_id' | 'seq' | 'outbox'> {
  return { ...state, usernameKey: keyOf(state.username), emailKey: keyOf(state.email) };
}

function userOf(document: UserDocument | null): User | null {
  return document === null ? null : toUser(document);
}

function toUser(document: UserDocument): User {
  const { username, email, name, bio, preferences, passwordHash, passwordVersion, admin } = document;
  const { _id, seq, createdAt, updatedAt } = document;
  const { locale, theme, notifications } = preferences;
  return {
    id: userId(_id),
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
