import type { RevocationCursor, RevocationRepository } from './revocation.repository.ts';
import type { Revocation } from './revocation.ts';

export interface RevocationPage {
  readonly items: readonly Revocation[];
  /** From where to ask on. */
  readonly next: RevocationCursor;
  /** Whether there are more already. */
  readonly more: boolean;
}

export interface RevocationsService {
  /** Those after a position, or all; in order, and up to a page of them. */
  list(after?: RevocationCursor): Promise<RevocationPage>;
}

const MAX_PAGE_SIZE = 1_000;

/**
 * Milliseconds that are told again: a revocation becomes visible a little after the time that it bears, and
 * replicas' clocks differ.
 */
const OVERLAP_MS = 30_000;

export function createRevocationsService(
  revocations: Pick<RevocationRepository, 'findAfter'>,
  now: () => Date,
): RevocationsService {
  return {
    list: async (after = [0, '']) => {
      const asked = now().getTime();
      const items = await revocations.findAfter(after, MAX_PAGE_SIZE);
      const last = items.at(-1);
      if (last === undefined || items.length < MAX_PAGE_SIZE)
        return { items, next: [Math.max(0, asked - OVERLAP_MS), ''], more: false };
      return { items, next: [last.endedAt.getTime(), last.sessionId], more: true };
    },
  };
}
