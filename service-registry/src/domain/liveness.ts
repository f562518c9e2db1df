import type { CheckObservation } from './check.ts';
import type { Instance } from './instance.ts';

/** An observation with its time, in milliseconds since 1970. */
export interface TimestampedObservation extends CheckObservation {
  readonly at: number;
}

/** The time of the lease's last renewal, in milliseconds since 1970; undefined without a lease. */
export type LastHeartbeatLookup = (instance: Instance) => number | undefined;

/**
 * Last heartbeats and observations of all instances. They change no index; they are read at once for all instances,
 * and never by a blocking query.
 */
export interface Liveness {
  readonly lastHeartbeat: LastHeartbeatLookup;
  /** The latest observation of one of its checks. */
  lastObservation(instance: Instance, checkId: string): TimestampedObservation | undefined;
}

/** Used while the store is away. */
export const EMPTY_LIVENESS: Liveness = { lastHeartbeat: () => undefined, lastObservation: () => undefined };
