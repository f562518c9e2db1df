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

export function revoke(sessionId: string, now: Date): Revocation {
  const until = new Date(now.getTime() + ACCESS_TOKEN_SECONDS * 1_000 + LEEWAY_MS);
  return { sessionId, endedAt: now, until };
}

/** A place in the order of revocations: milliseconds since 1970, and a session's id. */
export type Position = readonly [endedAt: number, sessionId: string];

/** Where revocations are kept, until they mean nothing any more. */
export interface RevocationRepository {
  /** Those after a position, in order. */
  after(position: Position, limit: number): Promise<readonly Revocation[]>;
}

export interface RevocationPage {
  readonly items: readonly Revocation[];
  /** From where to ask on. */
  readonly next: Position;
  /** Whether there are more already. */
  readonly more: boolean;
}

const MOST = 1_000;

/**
 * Milliseconds that are told again: a revocation becomes visible a little after the time that it bears, and
 * replicas' clocks differ.
 */
const OVERLAP_MS = 30_000;

export function createRevocations(revocations: RevocationRepository, now: () => Date) {
  return async (position: Position = [0, '']): Promise<RevocationPage> => {
    const asked = now().getTime();
    const items = await revocations.after(position, MOST);
    const last = items.at(-1);
    if (last === undefined || items.length < MOST)
      return { items, next: [Math.max(0, asked - OVERLAP_MS), ''], more: false };
    return { items, next: [last.endedAt.getTime(), last.sessionId], more: true };
  };
}
