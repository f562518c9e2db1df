import type { UserId } from './author.ts';

/** Who asks for something, as far as the rules care. */
export type Actor = Nobody | Person | System;

export interface Nobody {
  readonly kind: 'nobody';
}

export interface Person {
  readonly kind: 'person';
  readonly userId: UserId;
  readonly admin: boolean;
}

/** Another service of the deployment. */
export interface System {
  readonly kind: 'system';
}

export function isPerson(actor: Actor, userId: UserId): boolean {
  return actor.kind === 'person' && actor.userId === userId;
}

export function isAdmin(actor: Actor): boolean {
  return actor.kind === 'person' && actor.admin;
}

/** May see what is private to a user: the user, administrators and services. */
export function isPrivyTo(actor: Actor, userId: UserId): boolean {
  return actor.kind === 'system' || isAdmin(actor) || isPerson(actor, userId);
}
