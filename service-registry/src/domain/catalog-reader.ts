import type { Catalog } from './catalog.ts';
import type { SelfPreservation } from './self-preservation.ts';
import type { TimestampedChange } from './recently-changed-queue.ts';

export interface CatalogSnapshot {
  readonly catalog: Catalog;
  readonly selfPreservation: SelfPreservation;
  /** Milliseconds since the store could be read, where now it cannot. */
  readonly staleMs: number | undefined;
}

/** Who is registered. */
export interface CatalogReader {
  /** Without asking the store; undefined where it was never read. */
  cached(): CatalogSnapshot | undefined;
  /** How many wait for a change. */
  blockingQueryCount(): number;
  /** All changes made before this call are in it, unless it is stale. @throws {NothingKnown} */
  read(): Promise<CatalogSnapshot>;
  /**
   * The same once what `indexIn` reads is another index than `index`, or after `waitMs`, whichever is first; ends
   * early on abort. @throws {NothingKnown} {RegistryDraining}
   */
  readWhenChanged(
    indexIn: (catalog: Catalog) => number,
    index: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<CatalogSnapshot>;
  /** What last happened to whom in the last three minutes, the latest last. What was read at the start is no change. */
  recentlyChanged(): readonly TimestampedChange[];
}
