import { hash } from 'node:crypto';
import QuickLRU from 'quick-lru';
import type { ConsumerInfo, JwtCredential } from '../api/entities.ts';
import type { UserCaller } from '@plaza/service-kit';
import type { RevocationList } from './revocation-list.ts';

/** What a token that holds says. */
export type VerifiedToken = VerifiedUserToken | VerifiedConsumerToken;

interface VerifiedTokenBase {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** What logs and limits call it. */
  readonly credential: string;
}

export interface VerifiedUserToken extends VerifiedTokenBase {
  readonly user: UserCaller;
  /** Of who signed it. */
  readonly revocations: RevocationList | undefined;
}

export interface VerifiedConsumerToken extends VerifiedTokenBase {
  readonly user?: never;
  readonly consumer: ConsumerInfo;
  /** By which it was checked: once that is another, the verification is void. */
  readonly jwtCredential: JwtCredential;
}

/** Tokens that were verified and hold, by the token's hash: no secret stays in memory. */
export interface TokenCache {
  /** What a token is kept under. */
  keyOf(token: string): string;
  get(hash: string): VerifiedToken | undefined;
  set(hash: string, verifiedToken: VerifiedToken): void;
}

const MAX_TOKENS = 10_000;

/** Remembers each token until it has expired; of more than 10,000, those that were used last. */
export function createTokenCache(now: () => number): TokenCache {
  const known = new QuickLRU<string, VerifiedToken>({ maxSize: MAX_TOKENS });
  return {
    keyOf: (token) => hash('sha256', token, 'base64'),
    get: (key) => {
      const cached = known.get(key);
      if (cached === undefined || cached.expiresAt > now()) return cached;
      known.delete(key);
      return undefined;
    },
    set: (key, verifiedToken) => void known.set(key, verifiedToken),
  };
}
