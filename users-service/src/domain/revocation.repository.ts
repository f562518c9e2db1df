import type { Revocation } from './revocation.ts';

/** A place in the order of revocations: milliseconds since 1970, and a session's id. */
export type RevocationCursor = readonly [endedAt: number, sessionId: string];

/** Where revocations are kept, until they mean nothing any more. */
export interface RevocationRepository {
  /** Of sessions that end now. One that has ended before keeps its time. */
  add(sessionIds: readonly string[]): Promise<void>;
  /** Those after a position, in order. */
  findAfter(position: RevocationCursor, limit: number): Promise<readonly Revocation[]>;
}
