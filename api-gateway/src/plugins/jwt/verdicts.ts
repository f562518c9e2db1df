import { hash } from 'node:crypto';
import QuickLRU from 'quick-lru';
import type { Consumer, JwtSecret } from '../../declaration/declaration.ts';
import type { User } from '@plaza/service-kit';
import type { Revocations } from './revocations.ts';

/** What a token that holds says. */
export type Verdict = OfUser | OfConsumer;

interface Holds {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** What logs and limits call it. */
  readonly credential: string;
}

export interface OfUser extends Holds {
  readonly user: User;
  /** Of who signed it. */
  readonly revocations: Revocations | undefined;
}

export interface OfConsumer extends Holds {
  readonly user?: never;
  readonly consumer: Consumer;
  /** By which it was checked: once that is another, the verdict is void. */
  readonly secret: JwtSecret;
}

/** Verdicts on tokens that hold, by the token's hash: no secret stays in memory. */
export interface Verdicts {
  /** What a token is kept under. */
  hashOf(token: string): string;
  get(hash: string): Verdict | undefined;
  set(hash: string, verdict: Verdict): void;
}

const MOST = 10_000;

/** Remembers each verdict until its token has expired; of more than 10,000, those that were used last. */
export function createVerdicts(now: () => number): Verdicts {
  const known = new QuickLRU<string, Verdict>({ maxSize: MOST });
  return {
    hashOf: (token) => hash('sha256', token, 'base64'),
    get: (name) => {
      const verdict = known.get(name);
      if (verdict === undefined || verdict.until > now()) return verdict;
      known.delete(name);
      return undefined;
    },
    set: (name, verdict) => void known.set(name, verdict),
  };
}
