import type { DomainEvent } from '@plaza/domain';
import type { User, UserId } from './user.ts';

/** What the rest of the system may know of a user. */
interface PublicUser {
  readonly userId: UserId;
  readonly username: string;
  readonly email: string;
  readonly name: string;
}

export type UserCreated = DomainEvent<'user.created', PublicUser>;
/** The user as they now are, and which of the fields are new. */
export type UserUpdated = DomainEvent<'user.updated', PublicUser & { readonly changed: readonly string[] }>;
export type UserDeleted = DomainEvent<'user.deleted', { readonly userId: UserId }>;
export type UserEvent = UserCreated | UserUpdated | UserDeleted;

export function userCreated(user: User): UserCreated {
  return { eventType: 'user.created', data: publicUser(user) };
}

export function userUpdated(user: User, changed: readonly string[]): UserUpdated {
  return { eventType: 'user.updated', data: { ...publicUser(user), changed } };
}

export function userDeleted(userId: UserId): UserDeleted {
  return { eventType: 'user.deleted', data: { userId } };
}

function publicUser({ id, username, email, name }: User): PublicUser {
  return { userId: id, username, email, name };
}
