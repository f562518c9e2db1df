import { HEARTBEAT_CHECK_ID, type Check } from '../../domain/check.ts';
import type { Instance } from '../../domain/instance.ts';
import type { TimestampedObservation, Liveness } from '../../domain/liveness.ts';

/** What was last heard of a check, in few words, and when, in milliseconds since 1970. */
export type LiveValue = [text: string, at: number];

/** What changes all the time, and is told without the rest of its row. */
export interface LiveValues {
  readonly lastHeartbeat: number | null;
  /** For each of the probed checks. */
  readonly signs: (LiveValue | null)[];
}

export function liveValues(instance: Instance, liveness: Liveness): LiveValues {
  const signs = declaredChecks(instance).map((check): LiveValue | null => {
    const observed = liveness.lastObservation(instance, check.id);
    return observed === undefined ? null : [describeObservation(observed), observed.at];
  });
  return { lastHeartbeat: liveness.lastHeartbeat(instance) ?? null, signs };
}

/** All but the lease, which has a column of its own. */
export function declaredChecks({ checks }: Instance): readonly Check[] {
  return checks.filter(({ id }) => id !== HEARTBEAT_CHECK_ID);
}

const MAX_OUTPUT_LENGTH = 80;

function describeObservation({ httpStatus, latencyMs, output }: TimestampedObservation): string {
  if (httpStatus === undefined) return output.slice(0, MAX_OUTPUT_LENGTH);
  return `HTTP ${httpStatus}${latencyMs === undefined ? '' : ` in ${Math.round(latencyMs)} ms`}`;
}
