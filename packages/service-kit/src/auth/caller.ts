import { Forbidden, Unauthorized } from '@plaza/errors';

/** Who is asking. Scopes are what the token allows: `admin` for an administrator, `internal` for a service. */
export type Caller = AnonymousCaller | UserCaller | ServiceCaller;

export interface AnonymousCaller {
  readonly kind: 'anonymous';
}

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly username: string;
  readonly scopes: ReadonlySet<string>;
  /** The login that this token belongs to: what a logout revokes. */
  readonly sessionId?: string;
}

export interface ServiceCaller {
  readonly kind: 'service';
  readonly name: string;
  readonly scopes: ReadonlySet<string>;
}

export const ANONYMOUS: AnonymousCaller = { kind: 'anonymous' };

export function hasScope(caller: Caller, scope: string): boolean {
  return caller.kind !== 'anonymous' && caller.scopes.has(scope);
}

/** @throws {Unauthorized} for anonymous callers, {Forbidden} for services. */
export function requireUser(caller: Caller): UserCaller {
  if (caller.kind === 'anonymous')
    throw new Unauthorized('Sign in: send an access token as "Authorization: Bearer …".');
  if (caller.kind === 'service') throw new Forbidden('This is for people: a service token does not do.');
  return caller;
}
