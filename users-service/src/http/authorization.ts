import { Forbidden, Unauthorized } from '@plaza/errors';
import { hasScope, type Caller } from '@plaza/service-kit';
import { toPublicUserView, toPrivateUserView } from './user.schemas.ts';
import type { User } from '../domain/user.ts';

/** @throws {Unauthorized} {Forbidden} unless the caller is the user or an administrator. */
export function requireSelfOrAdmin(caller: Caller, userId: string): void {
  if (caller.kind === 'anonymous') throw new Unauthorized('Sign in to change a user.');
  if (!isSelf(caller, userId) && !hasScope(caller, 'admin')) {
    throw new Forbidden('Only the user and administrators may do this.');
  }
}

/** @throws {Forbidden} */
export function requireAdmin(caller: Caller): void {
  if (!hasScope(caller, 'admin')) throw new Forbidden('Only administrators may do this.');
}

/** The user as the caller may see them. */
export function toUserViewFor(user: User, caller: Caller): ReturnType<typeof toPublicUserView> {
  const trusted = caller.kind === 'service' || hasScope(caller, 'admin') || isSelf(caller, user.id);
  return trusted ? toPrivateUserView(user) : toPublicUserView(user);
}

function isSelf(caller: Caller, userId: string): boolean {
  return caller.kind === 'user' && caller.userId === userId;
}
