import { NO_CATALOGUE, type Catalogue } from '../../domain/catalogue.ts';
import type { Reading } from '../../domain/directory.ts';
import type { RecentChange } from '../../domain/recent-change.ts';
import type { Vitals } from '../../domain/vitals.ts';

/** All that the page shows, as it was at one moment. */
export interface Picture {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** undefined where the store was never read. */
  readonly reading: Reading | undefined;
  /** When the store was last read, in milliseconds since 1970, where now it cannot be. */
  readonly staleSince: number | undefined;
  readonly vitals: Vitals;
  /** The latest first. */
  readonly changes: readonly RecentChange[];
}

export function catalogueOf({ reading }: Picture): Catalogue {
  return reading?.catalogue ?? NO_CATALOGUE;
}
