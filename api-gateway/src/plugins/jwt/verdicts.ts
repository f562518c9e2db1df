import { hash } from 'node:crypto';
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
  get(token: string): Verdict | undefined;
  set(token: string, verdict: Verdict): void;
}

const MOST = 10_000;
/** Milliseconds in which a verdict that is used again keeps its place: to move it at each use would cost more than to find it. */
const PLACED_MS = 10_000;

/** Remembers each verdict until its token has expired; of more than 10,000, those that were used last. */
export function createVerdicts(now: () => number): Verdicts {
  const known = new Map<string, { readonly verdict: Verdict; placedAt: number }>();
  const key = (token: string) => hash('sha256', token, 'base64');
  return {
    get: (token) => {
      const name = key(token);
      const entry = known.get(name);
      if (entry === undefined) return undefined;
      const at = now();
      if (entry.verdict.until <= at) {
        known.delete(name);
        return undefined;
      }
      if (at - entry.placedAt > PLACED_MS) {
        known.delete(name);
        known.set(name, { verdict: entry.verdict, placedAt: at });
      }
      return entry.verdict;
    },
    set: (token, verdict) => {
      known.set(key(token), { verdict, placedAt: now() });
      const oldest = known.keys().next();
      if (known.size > MOST && oldest.done !== true) known.delete(oldest.value);
    },
  };
}
