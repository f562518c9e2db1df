import { ACCESS_TOKEN_SECONDS } from './tokens.ts';

/** A login that has ended while access tokens of it could still be valid. */
export interface Revocation {
  readonly sessionId: string;
  readonly endedAt: Date;
  /** After that no token of it is valid any more. */
  readonly until: Date;
}

/** By which those who check tokens may differ in their clocks. */
const LEEWAY_MS = 60_000;

export function createRevocation(sessionId: string, now: Date): Revocation {
  const until = new Date(now.getTime() + ACCESS_TOKEN_SECONDS * 1_000 + LEEWAY_MS);
  return { sessionId, endedAt: now, until };
}
