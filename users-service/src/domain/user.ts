import { isDeepStrictEqual } from 'node:util';
import { changed, unchanged, type Change } from '@plaza/domain';
import {
  DEFAULT_PREFERENCES,
  applyPreferenceChanges,
  type PreferenceChanges,
  type Preferences,
} from './preferences.ts';
import {
  userCreated,
  userDeleted,
  userUpdated,
  type UserCreated,
  type UserDeleted,
  type UserUpdated,
} from './user.events.ts';

export type UserId = string & { readonly brand: 'UserId' };

/** Takes a text for a user's id: what a database or a client of ours has kept as one. */
export function toUserId(id: string): UserId;
export function toUserId(id: string): string {
  return id;
}

/** A registered person. `seq` is the one that was read: a save that finds another has lost the race. */
export interface User {
  readonly id: UserId;
  readonly seq: number;
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly bio: string;
  readonly preferences: Preferences;
  /** In PHC string format. */
  readonly passwordHash: string;
  /** Raised with each new password: a login made under an older one no longer counts. */
  readonly passwordVersion: number;
  readonly admin: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const USERNAME_PATTERN = /^[A-Za-z0-9_.-]{3,30}$/;
export const PASSWORD_LENGTH = { least: 8, most: 128 } as const;
/** RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets. */
export const MAX_EMAIL_LENGTH = 254;

/** The key by which usernames and e-mail addresses are compared: Ada and ada are the same. */
export function normalizeKey(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

export interface UserRegistration {
  readonly id: UserId;
  readonly username: string;
  readonly email: string;
  /** The username, where a person gives no name. */
  readonly name?: string | undefined;
  readonly passwordHash: string;
  readonly admin: boolean;
}

export function registerUser(registration: UserRegistration, now: Date): Change<User, UserCreated> {
  const user: User = {
    ...registration,
    seq: 0,
    name: registration.name ?? registration.username,
    bio: '',
    preferences: DEFAULT_PREFERENCES,
    passwordVersion: 1,
    createdAt: now,
    updatedAt: now,
  };
  return changed(user, userCreated(user));
}

/** What a person says about themselves and how they like it. A field that is absent stays as it is. */
export interface ProfileChanges {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly bio?: string | undefined;
  readonly preferences?: PreferenceChanges | undefined;
}

const PUBLISHED_FIELDS = ['username', 'email', 'name'] as const;

/** Others hear of it only where something changed that they may know: not of a bio, nor of preferences. */
export function updateProfile(user: User, changes: ProfileChanges, now: Date): Change<User, UserUpdated> {
  const { username = user.username, email = user.email, name = user.name, bio = user.bio } = changes;
  const preferences = applyPreferenceChanges(user.preferences, changes.preferences);
  const state: User = { ...user, username, email, name, bio, preferences };
  if (isDeepStrictEqual(state, user)) return unchanged(user);
  const published = PUBLISHED_FIELDS.filter((field) => state[field] !== user[field]);
  return changed(
    { ...state, updatedAt: now },
    ...(published.length > 0 ? [userUpdated(state, published)] : []),
  );
}

/** A new password. All logins made under the old one end with it. */
export function changePassword(user: User, passwordHash: string, now: Date): Change<User, never> {
  return changed({ ...user, passwordHash, passwordVersion: user.passwordVersion + 1, updatedAt: now });
}

/** The same password with a new hash: no event. */
export function updatePasswordHash(user: User, passwordHash: string): Change<User, never> {
  return changed({ ...user, passwordHash });
}

export function promoteToAdmin(user: User, now: Date): Change<User, never> {
  return changed({ ...user, admin: true, updatedAt: now });
}

/** What remains of a deleted user: the news. */
export function markUserDeleted(user: User): Change<UserId, UserDeleted> {
  return changed(user.id, userDeleted(user.id));
}
