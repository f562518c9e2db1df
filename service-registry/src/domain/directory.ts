import type { Catalogue } from './catalogue.ts';
import type { Guard } from './guard.ts';
import type { SeenTransition } from './transition-log.ts';

export interface Reading {
  readonly catalogue: Catalogue;
  readonly guard: Guard;
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
   * The same once what `indexIn` reads is another index than `index`, or after `waitMs`, whichever is first; ends
   * early on abort. @throws {NothingKnown} {RegistryDraining}
   */
  readAfter(
    indexIn: (catalogue: Catalogue) => number,
    index: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Reading>;
  /** What last happened to whom in the last three minutes, the latest last. What was read at the start is no change. */
  transitions(): readonly SeenTransition[];
}
