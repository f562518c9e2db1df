import type { Catalog } from './catalog.ts';
import type { SelfPreservation } from './self-preservation.ts';
import type { TimestampedChange } from './recently-changed-queue.ts';

export interface CatalogSnapshot {
  readonly catalog: Catalog;
  readonly selfPreservation: SelfPreservation;
  /** Milliseconds since the last successful read of the store; undefined while the store can be read. */
  readonly staleMs: number | undefined;
}

/** Reads the catalog. */
export interface CatalogReader {
  /** The last read catalog, without a request to the store; undefined before the first read. */
  cached(): CatalogSnapshot | undefined;
  /** The number of waiting blocking queries. */
  blockingQueryCount(): number;
  /**
   * Includes all changes made before this call, unless it is stale.
   * @throws {NothingKnown}
   */
  read(): Promise<CatalogSnapshot>;
  /**
   * Reads the catalog when `indexIn` returns another index than `index`, or after `waitMs`, whichever comes first.
   * Ends early on abort.
   * @throws {NothingKnown} {RegistryDraining}
   */
  readWhenChanged(
    indexIn: (catalog: Catalog) => number,
    index: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<CatalogSnapshot>;
  /** The last change of each instance in the last three minutes, the latest last. The first read adds no changes. */
  recentlyChanged(): readonly TimestampedChange[];
}
