import type { UserCaller } from '@plaza/service-kit';
import QuickLRU from 'quick-lru';
import type { ConsumerInfo, ConsumerLookup } from '../api/entities.ts';
import type { Jwks } from './jwks.ts';
import type { RevocationList } from './revocation-list.ts';
import type { Issuer, JwtConfig } from './schema.ts';
import { verifySignature, parsePemKey } from './signature.ts';
import { TokenInvalid, parseToken, type Claims, type ParsedToken } from './parse-token.ts';
import type { VerifiedConsumerToken, VerifiedUserToken, VerifiedToken } from './token-cache.ts';

/** Seconds by which two machines' clocks may differ. */
const CLOCK_SKEW_SECONDS = 30;
/** Milliseconds for which a token without an end is believed before it is checked again. */
const MAX_CACHE_MS = 300_000;

export interface ResolvedIssuer extends Issuer {
  readonly keys: Jwks;
  readonly revocations: RevocationList | undefined;
}

export interface TokenVerification {
  readonly config: JwtConfig;
  readonly issuers: readonly ResolvedIssuer[];
  readonly consumers: ConsumerLookup;
  /** Who everybody without a token is. */
  readonly anonymousConsumer: ConsumerInfo | undefined;
  readonly now: () => number;
}

/**
 * Checks a token, by whom it names as its issuer: one of the configuration's, else a consumer.
 * @throws {TokenInvalid} {Unavailable}
 */
export async function verifyToken(text: string, verification: TokenVerification): Promise<VerifiedToken> {
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
  issuer: ResolvedIssuer,
  now: () => number,
): Promise<VerifiedUserToken> {
  const { header, claims } = token;
  if (header.alg !== 'RS256' && header.alg !== 'EdDSA') throw new TokenInvalid();
  if (![claims.aud].flat().includes(issuer.audience)) throw new TokenInvalid();
  const found = issuer.keys.find(header.kid, header.alg);
  const key = found instanceof Promise ? await found : found;
  if (key === undefined || !verifySignature(token, key)) throw new TokenInvalid();
  if (claims.exp === undefined || claims.sub === undefined || claims.sub === '') throw new TokenInvalid();
  assertTimeClaims(claims, ['exp', 'nbf'], now);
  return {
    user: toUser(claims, claims.sub),
    revocations: issuer.revocations,
    credential: `${issuer.issuer}:${claims.sub}`,
    expiresAt: (claims.exp + CLOCK_SKEW_SECONDS) * 1_000,
  };
}

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

/** Few differ: those of one text are one set. */
const scopesByText = new QuickLRU<string, ReadonlySet<string>>({ maxSize: 1_000 });

function parseScopes(text: string): ReadonlySet<string> {
  const known = scopesByText.get(text);
  if (known !== undefined) return known;
  const all = new Set(text.split(' ').filter(Boolean));
  scopesByText.set(text, all);
  return all;
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
  const ends = config.claims_to_verify.includes('exp') && claims.exp !== undefined;
  return {
    consumer,
    jwtCredential: credential,
    credential: `jwt:${name}`,
    expiresAt: ends ? ((claims.exp ?? 0) + CLOCK_SKEW_SECONDS) * 1_000 : now() + MAX_CACHE_MS,
  };
}

/** A claim that is to be verified must be there. */
function assertTimeClaims(claims: Claims, verified: readonly ('exp' | 'nbf')[], now: () => number): void {
  const seconds = now() / 1_000;
  if (verified.includes('exp') && (claims.exp === undefined || claims.exp + CLOCK_SKEW_SECONDS <= seconds))
    throw new TokenInvalid('The access token has expired: refresh it or sign in again.');
  if (verified.includes('nbf') && (claims.nbf ?? 0) - CLOCK_SKEW_SECONDS > seconds)
    throw new TokenInvalid('The access token is not valid yet.');
}
