import {
  assertTimeClaims,
  expiryTime,
  parsePemKey,
  parseScopes,
  parseToken,
  TokenInvalid,
  verifySignature,
  verifyToken,
  type Claims,
  type ParsedToken,
  type SignatureAlgorithm,
  type VerificationKeys,
} from '@plaza/access-tokens';
import type { UserCaller } from '@plaza/service-kit';
import type { ConsumerInfo, ConsumerLookup } from '../api/entities.ts';
import type { RevocationList } from './revocation-list.ts';
import type { Issuer, JwtConfig } from './schema.ts';
import type { VerifiedConsumerToken, VerifiedToken, VerifiedUserToken } from './verified-token.ts';

const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'EdDSA'];

/** Milliseconds that a token without an expiry stays in the cache. */
const MAX_CACHE_MS = 300_000;

export interface ResolvedIssuer extends Issuer {
  readonly keys: VerificationKeys;
  readonly revocations: RevocationList | undefined;
}

export interface TokenVerification {
  readonly config: JwtConfig;
  readonly issuers: readonly ResolvedIssuer[];
  readonly consumers: ConsumerLookup;
  /** The consumer of requests without a valid token. */
  readonly anonymousConsumer: ConsumerInfo | undefined;
  readonly now: () => number;
}

/**
 * Verifies a token of one of the configuration's issuers, or else of a consumer.
 * @throws {TokenInvalid} {Unavailable}
 */
export async function verifyBearerToken(
  text: string,
  verification: TokenVerification,
): Promise<VerifiedToken> {
  const token = parseToken(text);
  const issuer = verification.issuers.find((known) => known.issuer === token.claims.iss);
  const verified =
    issuer === undefined
      ? verifyConsumerToken(token, verification)
      : await verifyUserToken(token, issuer, verification.now);
  const { maximum_expiration: maxSeconds } = verification.config;
  if (maxSeconds > 0 && (token.claims.exp ?? Infinity) - verification.now() / 1_000 > maxSeconds)
    throw new TokenInvalid('The access token has longer to live than is allowed.');
  return verified;
}

async function verifyUserToken(
  token: ParsedToken,
  { issuer, audience, keys, revocations }: ResolvedIssuer,
  now: () => number,
): Promise<VerifiedUserToken> {
  const claims = await verifyToken(token, { issuer, audience, algorithms: ALGORITHMS, keys, now });
  return {
    user: toUser(claims, claims.sub),
    revocations,
    credential: `${issuer}:${claims.sub}`,
    expiresAt: expiryTime(claims.exp),
  };
}

/** Issuers other than Plaza's may leave out `username`, `scope` and `sid`. */
function toUser(claims: Claims, sub: string): UserCaller {
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined);
  const sessionId = text('sid');
  return {
    kind: 'user',
    userId: sub,
    username: text('username') ?? text('preferred_username') ?? sub,
    scopes: parseScopes(text('scope') ?? ''),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function verifyConsumerToken(
  token: ParsedToken,
  { config, consumers, now }: TokenVerification,
): VerifiedConsumerToken {
  const { claims, header } = token;
  const name = claims[config.key_claim_name] ?? header[config.key_claim_name];
  if (typeof name !== 'string' || name === '')
    throw new TokenInvalid(`The access token does not say ${config.key_claim_name}.`);
  const known = consumers.byJwtKey(name);
  if (known === undefined) throw new TokenInvalid();
  const { consumer, credential } = known;
  const key =
    credential.rsaPublicKey === undefined
      ? undefined
      : parsePemKey(credential.rsaPublicKey, credential.algorithm);
  if (key === undefined || !verifySignature(token, key)) throw new TokenInvalid();
  assertTimeClaims(claims, config.claims_to_verify, now);
  const hasExpiry = config.claims_to_verify.includes('exp') && claims.exp !== undefined;
  return {
    consumer,
    jwtCredential: credential,
    credential: `jwt:${name}`,
    expiresAt: hasExpiry ? expiryTime(claims.exp ?? 0) : now() + MAX_CACHE_MS,
  };
}
