import { HEARTBEAT_CHECK_ID, type Check } from '../../domain/check.ts';
import type { Instance } from '../../domain/instance.ts';
import type { TimestampedObservation, Liveness } from '../../domain/liveness.ts';

/** A short text of a check's last observation and its time, in milliseconds since 1970. */
export type LiveValue = [text: string, at: number];

/** Values that change often and are sent without their row. */
export interface LiveValues {
  readonly lastHeartbeat: number | null;
  /** One for each declared check. */
  readonly signs: (LiveValue | null)[];
}

export function liveValues(instance: Instance, liveness: Liveness): LiveValues {
  const signs = declaredChecks(instance).map((check): LiveValue | null => {
    const observed = liveness.lastObservation(instance, check.id);
    return observed === undefined ? null : [describeObservation(observed), observed.at];
  });
  return { lastHeartbeat: liveness.lastHeartbeat(instance) ?? null, signs };
}

/** All checks except the lease, which has its own column. */
export function declaredChecks({ checks }: Instance): readonly Check[] {
  return checks.filter(({ id }) => id !== HEARTBEAT_CHECK_ID);
}

const MAX_OUTPUT_LENGTH = 80;

function describeObservation({ httpStatus, latencyMs, output }: TimestampedObservation): string {
  if (httpStatus === undefined) return output.slice(0, MAX_OUTPUT_LENGTH);
  return `HTTP ${httpStatus}${latencyMs === undefined ? '' : ` in ${Math.round(latencyMs)} ms`}`;
}
