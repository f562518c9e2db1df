import { hasScope, requireUser, type Caller } from '@plaza/service-kit';
import type { Actor, UserActor } from '../domain/actor.ts';
import { toAuthorId } from '../domain/author.ts';

export function toActor(caller: Caller): Actor {
  switch (caller.kind) {
    case 'anonymous':
      return { kind: 'anonymous' };
    case 'service':
      return { kind: 'service' };
    case 'user':
      return { kind: 'user', userId: toAuthorId(caller.userId), admin: hasScope(caller, 'admin') };
  }
}

/** @throws {Unauthorized} {Forbidden} for callers that are no user. */
export function requireUserActor(caller: Caller): UserActor {
  const user = requireUser(caller);
  return { kind: 'user', userId: toAuthorId(user.userId), admin: hasScope(user, 'admin') };
}
