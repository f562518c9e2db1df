import { createHash } from 'node:crypto';
import { Unauthorized, Unavailable } from '@plaza/errors';
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { UserCaller } from './caller.ts';

/** What is agreed between who signs users' tokens and who checks them. */
export const ACCESS_TOKENS = { issuer: 'plaza', audience: 'plaza', algorithm: 'RS256' } as const;

/** Seconds by which two machines' clocks may differ. */
export const CLOCK_LEEWAY = 30;
const JWKS_TIMEOUT_MS = 3_000;
const MOST_CACHED = 10_000;

const claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  username: z.string(),
  scope: z.string().default(''),
  sid: z.string().optional(),
});

/** Checks a token and says whose it is. @throws {Unauthorized} or, without keys to check with, {Unavailable}. */
export type AccessTokenVerifier = (token: string) => Promise<UserCaller>;

/**
 * Keys from a JWKS: cached, fetched again (at most twice a minute) for an unknown `kid`. What the fetching throws
 * is an outage; the signal ends it in time.
 */
export function createRemoteJwks(fetchKeys: (signal: AbortSignal) => Promise<Response>): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL('jwks:'), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: 30_000,
    [customFetch]: async (_url, { signal }) => fetchKeys(signal),
  });
}

/**
 * A verifier of users' access tokens. A verdict is kept until the token expires (by the token's hash, the
 * oldest of 10,000 goes first): checking a signature costs 53 µs, a hit under 1.
 */
export function createAccessTokenVerifier(
  keys: JWTVerifyGetKey,
  now: () => number = Date.now,
): AccessTokenVerifier {
  const verified = new Map<string, { user: UserCaller; expiresAt: number }>();

  return async (token) => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = verified.get(hash);
    if (known !== undefined && known.expiresAt > now()) return known.user;
    verified.delete(hash);

    const { sub, exp, username, scope, sid } = await verifyJwt(token, keys, now);
    const user: UserCaller = {
      kind: 'user',
      userId: sub,
      username,
      scopes: new Set(scope.split(' ').filter(Boolean)),
      ...(sid === undefined ? {} : { sessionId: sid }),
    };
    verified.set(hash, { user, expiresAt: exp * 1_000 });
    const oldest = verified.keys().next();
    if (verified.size > MOST_CACHED && oldest.done !== true) verified.delete(oldest.value);
    return user;
  };
}

async function verifyJwt(token: string, keys: JWTVerifyGetKey, now: () => number) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: ACCESS_TOKENS.issuer,
      audience: ACCESS_TOKENS.audience,
      algorithms: [ACCESS_TOKENS.algorithm],
      clockTolerance: CLOCK_LEEWAY,
      currentDate: new Date(now()),
    });
    return claims.parse(payload);
  } catch (error) {
    throw toAuthError(error);
  }
}

function toAuthError(error: unknown): Unauthorized | Unavailable {
  if (error instanceof errors.JWTExpired)
    return new Unauthorized('The access token has expired: refresh it or sign in again.');
  const tokensFault =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC';
  if (tokensFault || error instanceof z.ZodError) return new Unauthorized('The access token is not valid.');
  return new Unavailable('Tokens cannot be checked: their keys cannot be fetched.', {
    retryAfter: 5,
    cause: error,
  });
}
