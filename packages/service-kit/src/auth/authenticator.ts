import { Unauthorized } from '@plaza/errors';
import { decodeProtectedHeader } from 'jose';
import type { AccessTokenVerifier } from './access-tokens.ts';
import { ANONYMOUS, type Caller } from './caller.ts';
import type { ServiceTokens } from './service-tokens.ts';

/** Says who sent an `Authorization` header. @throws {Unauthorized} for one that does not hold. */
export type Authenticator = (authorization: string | undefined) => Promise<Caller>;

const MOST_CHARACTERS = 4_096;

export interface AuthenticatorOptions {
  readonly accessTokens: AccessTokenVerifier;
  readonly serviceTokens: ServiceTokens;
}

/**
 * The algorithm in the header only says whose token it claims to be; each verifier accepts its own
 * algorithm alone, so neither can be fooled with the other's key, nor with `none`.
 */
export function createAuthenticator({ accessTokens, serviceTokens }: AuthenticatorOptions): Authenticator {
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return ANONYMOUS;
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthorized('The Authorization header must read "Bearer TOKEN".');
    if (token.length > MOST_CHARACTERS) throw new Unauthorized('The access token is too long.');
    return readAlgorithm(token) === 'HS256' ? serviceTokens.verify(token) : accessTokens(token);
  };
}

function readAlgorithm(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch (error) {
    throw new Unauthorized('The access token is malformed.', { cause: error });
  }
}
