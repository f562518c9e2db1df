import { Unavailable } from '@plaza/errors';
import { TokenInvalid, type Claims, type ParsedToken } from './parse-token.ts';
import { verifySignature, type SignatureAlgorithm, type VerificationKey } from './signature.ts';

/** Seconds by which the clocks of two machines may differ. */
export const CLOCK_SKEW_SECONDS = 30;

/** The public keys of an issuer. */
export interface VerificationKeys {
  /**
   * Finds a key by the id in a token's header; without an id, the only key of the algorithm. Returns no promise for
   * a known key. Throws or rejects if the key is unknown and the keys cannot be fetched.
   */
  find(
    kid: string | undefined,
    algorithm: string,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined>;
}

export interface ExpectedToken {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly keys: VerificationKeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The claims of a token that is valid, with those that every user's token must have. */
export type VerifiedClaims = Claims & { readonly sub: string; readonly exp: number };

/** Checks who issued a token, for whom, its signature and its times. @throws {TokenInvalid} {Unavailable} */
export async function verifyToken(
  token: ParsedToken,
  { issuer, audience, algorithms, keys, now }: ExpectedToken,
): Promise<VerifiedClaims> {
  const { header, claims } = token;
  const algorithm = algorithms.find((known) => known === header.alg);
  if (algorithm === undefined || claims.iss !== issuer) throw new TokenInvalid();
  if (![claims.aud].flat().includes(audience)) throw new TokenInvalid();
  const key = await findKey(keys, header.kid, algorithm);
  if (key === undefined || !verifySignature(token, key)) throw new TokenInvalid();
  const { sub, exp } = claims;
  if (exp === undefined || sub === undefined || sub === '') throw new TokenInvalid();
  assertTimeClaims(claims, ['exp', 'nbf'], now);
  return { ...claims, sub, exp };
}

async function findKey(keys: VerificationKeys, kid: string | undefined, algorithm: SignatureAlgorithm) {
  try {
    return await keys.find(kid, algorithm);
  } catch (cause) {
    throw new Unavailable('Tokens cannot be checked: their keys cannot be fetched.', {
      reason: 'dependency_down',
      ownDependency: 'jwks',
      retryAfter: 5,
      cause,
    });
  }
}

/**
 * Checks time claims against the clock. `exp` must exist if it is listed.
 * @throws {TokenInvalid}
 */
export function assertTimeClaims(
  claims: Claims,
  verified: readonly ('exp' | 'nbf')[],
  now: () => number,
): void {
  const seconds = now() / 1_000;
  if (verified.includes('exp') && (claims.exp === undefined || claims.exp + CLOCK_SKEW_SECONDS <= seconds))
    throw new TokenInvalid('The access token has expired: refresh it or sign in again.');
  if (verified.includes('nbf') && (claims.nbf ?? 0) - CLOCK_SKEW_SECONDS > seconds)
    throw new TokenInvalid('The access token is not valid yet.');
}

/** Milliseconds since 1970 at which a token with this `exp` stops being valid. */
export const expiryTime = (exp: number): number => (exp + CLOCK_SKEW_SECONDS) * 1_000;
