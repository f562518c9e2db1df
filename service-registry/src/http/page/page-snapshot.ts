import { EMPTY_CATALOG, type Catalog } from '../../domain/catalog.ts';
import type { CatalogSnapshot } from '../../domain/catalog-reader.ts';
import type { ChangeLogEntry } from '../../domain/change-log.ts';
import type { Liveness } from '../../domain/liveness.ts';

/** All that the page shows, as it was at one moment. */
export interface PageSnapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** undefined where the store was never read. */
  readonly catalogSnapshot: CatalogSnapshot | undefined;
  /** When the store was last read, in milliseconds since 1970, where now it cannot be. */
  readonly staleSince: number | undefined;
  readonly liveness: Liveness;
  /** The latest first. */
  readonly changes: readonly ChangeLogEntry[];
}

export function snapshotCatalog({ catalogSnapshot }: PageSnapshot): Catalog {
  return catalogSnapshot?.catalog ?? EMPTY_CATALOG;
}
