import type { Observation } from './check.ts';
import type { Instance } from './instance.ts';

/** An observation and when it was made, in milliseconds since 1970. */
export interface Observed extends Observation {
  readonly at: number;
}

/** What is known of everybody and moves no index: read at once for all, and never by a watcher. */
export interface Vitals {
  /** When its lease was last renewed, in milliseconds since 1970; undefined where it has none. */
  lastHeartbeat(instance: Instance): number | undefined;
  /** The latest that was heard of one of its checks. */
  observed(instance: Instance, checkId: string): Observed | undefined;
}

export const NO_VITALS: Vitals = { lastHeartbeat: () => undefined, observed: () => undefined };
