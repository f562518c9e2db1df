import { EMPTY_CATALOG, type Catalog } from '../../domain/catalog.ts';
import type { CatalogSnapshot } from '../../domain/catalog-reader.ts';
import type { ChangeLogEntry } from '../../domain/change-log.ts';
import type { Liveness } from '../../domain/liveness.ts';

/** The page's data at one moment. */
export interface PageSnapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined before the first read of the store. */
  readonly catalogSnapshot: CatalogSnapshot | undefined;
  /** The last successful read of the store, in milliseconds since 1970; undefined while it can be read. */
  readonly staleSince: number | undefined;
  readonly liveness: Liveness;
  /** Latest first. */
  readonly changes: readonly ChangeLogEntry[];
}

export function snapshotCatalog({ catalogSnapshot }: PageSnapshot): Catalog {
  return catalogSnapshot?.catalog ?? EMPTY_CATALOG;
}
