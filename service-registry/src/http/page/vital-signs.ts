import { HEARTBEAT, type Check } from '../../domain/check.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Observed, Vitals } from '../../domain/vitals.ts';

/** What was last heard of a check, in few words, and when, in milliseconds since 1970. */
export type Sign = [text: string, at: number];

/** What changes all the time, and is told without the rest of its row. */
export interface VitalSigns {
  readonly lastHeartbeat: number | null;
  /** For each of the probed checks. */
  readonly signs: (Sign | null)[];
}

export function vitalSigns(instance: Instance, vitals: Vitals): VitalSigns {
  const signs = probedChecks(instance).map((check): Sign | null => {
    const observed = vitals.observed(instance, check.id);
    return observed === undefined ? null : [inWords(observed), observed.at];
  });
  return { lastHeartbeat: vitals.lastHeartbeat(instance) ?? null, signs };
}

/** All but the lease, which has a column of its own. */
export function probedChecks({ checks }: Instance): readonly Check[] {
  return checks.filter(({ id }) => id !== HEARTBEAT);
}

const MOST_OUTPUT = 80;

function inWords({ httpStatus, latencyMs, output }: Observed): string {
  if (httpStatus === undefined) return output.slice(0, MOST_OUTPUT);
  return `HTTP ${httpStatus}${latencyMs === undefined ? '' : ` in ${Math.round(latencyMs)} ms`}`;
}
