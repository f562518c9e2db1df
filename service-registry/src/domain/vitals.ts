import type { Observation } from './check.ts';
import type { Instance } from './instance.ts';

/** An observation and when it was made, in milliseconds since 1970. */
export interface Observed extends Observation {
  readonly at: number;
}

/** When an instance's lease was last renewed, in milliseconds since 1970; undefined where it has none. */
export type LastHeartbeat = (instance: Instance) => number | undefined;

/** What is known of everybody and moves no index: read at once for all, and never by a watcher. */
export interface Vitals {
  readonly lastHeartbeat: LastHeartbeat;
  /** The latest that was heard of one of its checks. */
  observed(instance: Instance, checkId: string): Observed | undefined;
}

/** Where they cannot be asked for. */
export const NO_VITALS: Vitals = { lastHeartbeat: () => undefined, observed: () => undefined };
