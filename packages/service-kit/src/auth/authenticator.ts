import { parseTokenHeader } from '@plaza/access-tokens';
import { Unauthorized } from '@plaza/errors';
import type { AccessTokenVerifier } from './access-tokens.ts';
import { ANONYMOUS, type Caller } from './caller.ts';
import type { ServiceTokens } from './service-tokens.ts';

/** Returns the caller of an `Authorization` header. @throws {Unauthorized} if the header or its token is invalid. */
export type Authenticator = (authorization: string | undefined) => Promise<Caller>;

export interface AuthenticatorOptions {
  readonly accessTokens: AccessTokenVerifier;
  readonly serviceTokens: ServiceTokens;
}

/**
 * The algorithm in the header only chooses the verifier. Each verifier accepts its own algorithm alone, so that a
 * token can use neither the other's key nor `none`.
 */
export function createAuthenticator({ accessTokens, serviceTokens }: AuthenticatorOptions): Authenticator {
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return ANONYMOUS;
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthorized('The Authorization header must read "Bearer TOKEN".');
    return parseTokenHeader(token).alg === 'HS256' ? serviceTokens.verify(token) : accessTokens(token);
  };
}
