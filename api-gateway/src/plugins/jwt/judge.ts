import type { User } from '@plaza/service-kit';
import QuickLRU from 'quick-lru';
import type { ConsumerIndex } from '../../declaration/consumer-index.ts';
import type { Consumer } from '../../declaration/declaration.ts';
import type { KeySet } from './key-set.ts';
import type { Revocations } from './revocations.ts';
import type { Issuer, JwtConfig } from './schema.ts';
import { isSignedBy, keyOfPem } from './signature.ts';
import { TokenInvalid, readToken, type Claims, type Token } from './token.ts';
import type { OfConsumer, OfUser, Verdict } from './verdicts.ts';

/** Seconds by which two machines' clocks may differ. */
const LEEWAY = 30;
/** Milliseconds for which a token without an end is believed before it is checked again. */
const ENDLESS_MS = 300_000;

export interface KnownIssuer extends Issuer {
  readonly keys: KeySet;
  readonly revocations: Revocations | undefined;
}

export interface Judging {
  readonly config: JwtConfig;
  readonly issuers: readonly KnownIssuer[];
  readonly consumers: ConsumerIndex;
  /** Who everybody without a token is. */
  readonly nobody: Consumer | undefined;
  readonly now: () => number;
}

/**
 * Checks a token, by whom it names as its issuer: one of the configuration's, else a consumer.
 * @throws {TokenInvalid} {Unavailable}
 */
export async function judge(text: string, judging: Judging): Promise<Verdict> {
  const token = readToken(text);
  const issuer = judging.issuers.find((known) => known.issuer === token.claims.iss);
  const verdict =
    issuer === undefined ? ofConsumer(token, judging) : await ofUser(token, issuer, judging.now);
  const { maximum_expiration: most } = judging.config;
  if (most > 0 && (token.claims.exp ?? Infinity) - judging.now() / 1_000 > most)
    throw new TokenInvalid('The access token has longer to live than is allowed.');
  return verdict;
}

async function ofUser(token: Token, issuer: KnownIssuer, now: () => number): Promise<OfUser> {
  const { header, claims } = token;
  if (header.alg !== 'RS256' && header.alg !== 'EdDSA') throw new TokenInvalid();
  if (![claims.aud].flat().includes(issuer.audience)) throw new TokenInvalid();
  const found = issuer.keys.find(header.kid, header.alg);
  const key = found instanceof Promise ? await found : found;
  if (key === undefined || !isSignedBy(token, key)) throw new TokenInvalid();
  if (claims.exp === undefined || claims.sub === undefined || claims.sub === '') throw new TokenInvalid();
  refuseUntimely(claims, ['exp', 'nbf'], now);
  return {
    user: userOf(claims, claims.sub),
    revocations: issuer.revocations,
    credential: `${issuer.issuer}:${claims.sub}`,
    until: (claims.exp + LEEWAY) * 1_000,
  };
}

function userOf(claims: Claims, sub: string): User {
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined);
  const sessionId = text('sid');
  return {
    kind: 'user',
    userId: sub,
    username: text('username') ?? text('preferred_username') ?? sub,
    scopes: scopesOf(text('scope') ?? ''),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

/** Few differ: those of one text are one set. */
const scopes = new QuickLRU<string, ReadonlySet<string>>({ maxSize: 1_000 });

function scopesOf(text: string): ReadonlySet<string> {
  const known = scopes.get(text);
  if (known !== undefined) return known;
  const all = new Set(text.split(' ').filter(Boolean));
  scopes.set(text, all);
  return all;
}

function ofConsumer(token: Token, { config, consumers, now }: Judging): OfConsumer {
  const { claims, header } = token;
  const name = claims[config.key_claim_name] ?? header[config.key_claim_name];
  if (typeof name !== 'string' || name === '')
    throw new TokenInvalid(`The access token does not say ${config.key_claim_name}.`);
  const known = consumers.withJwtKey(name);
  if (known === undefined) throw new TokenInvalid();
  const { consumer, secret } = known;
  const key = secret.rsaPublicKey === undefined ? undefined : keyOfPem(secret.rsaPublicKey, secret.algorithm);
  if (key === undefined || !isSignedBy(token, key)) throw new TokenInvalid();
  refuseUntimely(claims, config.claims_to_verify, now);
  const ends = config.claims_to_verify.includes('exp') && claims.exp !== undefined;
  return {
    consumer,
    secret,
    credential: `jwt:${name}`,
    until: ends ? ((claims.exp ?? 0) + LEEWAY) * 1_000 : now() + ENDLESS_MS,
  };
}

/** A claim that is to be verified must be there. */
function refuseUntimely(claims: Claims, verified: readonly ('exp' | 'nbf')[], now: () => number): void {
  const seconds = now() / 1_000;
  if (verified.includes('exp') && (claims.exp === undefined || claims.exp + LEEWAY <= seconds))
    throw new TokenInvalid('The access token has expired: refresh it or sign in again.');
  if (verified.includes('nbf') && (claims.nbf ?? 0) - LEEWAY > seconds)
    throw new TokenInvalid('The access token is not valid yet.');
}
