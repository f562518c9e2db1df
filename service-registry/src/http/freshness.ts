import type { Reading } from '../domain/directory.ts';

/** `X-Registry-Stale` with the age in seconds, where the store is away and this is what was last known. */
export function staleness({ staleMs }: Reading): Record<string, string> {
  return staleMs === undefined ? {} : { 'X-Registry-Stale': String(Math.ceil(staleMs / 1_000)) };
}
