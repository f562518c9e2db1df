import type { CheckObservation } from './check.ts';
import type { Instance } from './instance.ts';

/** An observation and when it was made, in milliseconds since 1970. */
export interface TimestampedObservation extends CheckObservation {
  readonly at: number;
}

/** When an instance's lease was last renewed, in milliseconds since 1970; undefined where it has none. */
export type LastHeartbeatLookup = (instance: Instance) => number | undefined;

/** What is known of everybody and moves no index: read at once for all, and never by a watcher. */
export interface Liveness {
  readonly lastHeartbeat: LastHeartbeatLookup;
  /** The latest that was heard of one of its checks. */
  lastObservation(instance: Instance, checkId: string): TimestampedObservation | undefined;
}

/** Where they cannot be asked for. */
export const EMPTY_LIVENESS: Liveness = { lastHeartbeat: () => undefined, lastObservation: () => undefined };
