import type { Catalogue } from './catalogue.ts';

export interface Reading {
  readonly catalogue: Catalogue;
  /** Milliseconds since the store could be read, where now it cannot. */
  readonly staleMs: number | undefined;
}

/** Who is registered. */
export interface Directory {
  /** Without asking the store; undefined where it was never read. */
  known(): Reading | undefined;
  /** How many wait for a change. */
  watching(): number;
  /** All changes made before this call are in it, unless it is stale. @throws {NothingKnown} */
  read(): Promise<Reading>;
  /**
   * The same once the service's index is another than `index`, or after `waitMs`, whichever is first; ends early
   * on abort. @throws {NothingKnown} {RegistryDraining}
   */
  readAfter(service: string, index: number, waitMs: number, signal: AbortSignal): Promise<Reading>;
}
