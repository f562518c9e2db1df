import {
  createTokenCache,
  expiryTime,
  parseScopes,
  parseToken,
  TokenInvalid,
  verifyToken,
  type VerificationKeys,
} from '@plaza/access-tokens';
import { z } from 'zod';
import type { UserCaller } from './caller.ts';

/** The values that the issuer of users' tokens writes and every service expects. */
export const ACCESS_TOKENS = { issuer: 'plaza', audience: 'plaza', algorithm: 'RS256' } as const;

const userClaims = z.object({
  sub: z.string(),
  exp: z.number(),
  username: z.string(),
  scope: z.string().default(''),
  sid: z.string().optional(),
});

/** Verifies a token and returns its user. @throws {Unauthorized}, or {Unavailable} if the keys cannot be fetched. */
export type AccessTokenVerifier = (token: string) => Promise<UserCaller>;

interface VerifiedUser {
  readonly user: UserCaller;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A verifier of users' access tokens. It caches each verified token until the token expires. */
export function createAccessTokenVerifier(
  keys: VerificationKeys,
  now: () => number = Date.now,
): AccessTokenVerifier {
  const { algorithm, ...expected } = ACCESS_TOKENS;
  const cache = createTokenCache<VerifiedUser>(now);

  return async (token) => {
    const cacheKey = cache.keyOf(token);
    const known = cache.get(cacheKey);
    if (known !== undefined) return known.user;
    const claims = await verifyToken(parseToken(token), { ...expected, algorithms: [algorithm], keys, now });
    const { data } = userClaims.safeParse(claims);
    if (data === undefined) throw new TokenInvalid();
    const { sub, exp, username, scope, sid } = data;
    const user: UserCaller = {
      kind: 'user',
      userId: sub,
      username,
      scopes: parseScopes(scope),
      ...(sid === undefined ? {} : { sessionId: sid }),
    };
    cache.set(cacheKey, { user, expiresAt: expiryTime(exp) });
    return user;
  };
}
