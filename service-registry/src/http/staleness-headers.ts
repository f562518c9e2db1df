import type { CatalogSnapshot } from '../domain/catalog-reader.ts';

/**
 * What a reader should know of how far to trust the list. `X-Registry-Stale`: the store is away, and this is what was
 * last known, so many seconds ago. `X-Registry-Guard`: many fell silent at once, and nobody is taken out.
 */
export function stalenessHeaders({ staleMs, selfPreservation }: CatalogSnapshot): Record<string, string> {
  return {
    ...(staleMs === undefined ? {} : { 'X-Registry-Stale': String(Math.ceil(staleMs / 1_000)) }),
    ...(selfPreservation.active
      ? { 'X-Registry-Guard': `renewed=${selfPreservation.renewed}, expected=${selfPreservation.expected}` }
      : {}),
  };
}
