import { hasScope, requireUser, type Caller } from '@plaza/service-kit';
import type { Actor, Person } from '../domain/actor.ts';
import { userId } from '../domain/author.ts';

export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'anonymous':
      return { kind: 'nobody' };
    case 'service':
      return { kind: 'system' };
    case 'user':
      return { kind: 'person', userId: userId(caller.userId), admin: hasScope(caller, 'admin') };
  }
}

/** @throws {Unauthorized} {Forbidden} for whoever is no person. */
export function personOf(caller: Caller): Person {
  const user = requireUser(caller);
  return { kind: 'person', userId: userId(user.userId), admin: hasScope(user, 'admin') };
}
