import type { AuthorId } from './author.ts';

/** Who asks for something, as far as the rules care. */
export type Actor = AnonymousActor | UserActor | ServiceActor;

export interface AnonymousActor {
  readonly kind: 'anonymous';
}

export interface UserActor {
  readonly kind: 'user';
  readonly userId: AuthorId;
  readonly admin: boolean;
}

/** Another service of the deployment. */
export interface ServiceActor {
  readonly kind: 'service';
}

export function isSelf(actor: Actor, userId: AuthorId): boolean {
  return actor.kind === 'user' && actor.userId === userId;
}

export function isAdmin(actor: Actor): boolean {
  return actor.kind === 'user' && actor.admin;
}

/** May see what is private to a user: the user, administrators and services. */
export function canView(actor: Actor, userId: AuthorId): boolean {
  return actor.kind === 'service' || isAdmin(actor) || isSelf(actor, userId);
}
