import type { CatalogSnapshot } from '../domain/catalog-reader.ts';

/**
 * The headers for the reliability of a list. `X-Registry-Stale`: the store is away, and the list is this many seconds
 * old. `X-Registry-Guard`: self-preservation is active, and no instance is removed.
 */
export function stalenessHeaders({ staleMs, selfPreservation }: CatalogSnapshot): Record<string, string> {
  return {
    ...(staleMs === undefined ? {} : { 'X-Registry-Stale': String(Math.ceil(staleMs / 1_000)) }),
    ...(selfPreservation.active
      ? { 'X-Registry-Guard': `renewed=${selfPreservation.renewed}, expected=${selfPreservation.expected}` }
      : {}),
  };
}
