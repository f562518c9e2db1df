import { z } from 'zod';
import { CHECK_STATUSES } from '../domain/check.ts';
import { qualifiedName } from '../domain/instance.ts';
import type { LastHeartbeatLookup, TimestampedObservation, Liveness } from '../domain/liveness.ts';
import { toPairs } from './redis-reply-parsers.ts';

const observationSchema = z.object({
  status: z.enum(CHECK_STATUSES),
  output: z.string(),
  latencyMs: z.number().exactOptional(),
  httpStatus: z.number().exactOptional(),
});

/** Parses the times at which leases are overdue, and the last gap in expiration with its end. */
export function parseLastHeartbeats(
  overdue: readonly string[],
  pause: readonly (string | null)[],
): LastHeartbeatLookup {
  const overdueAt = new Map(toPairs(overdue));
  const [resumedAt, paused] = [Number(pause[0] ?? 0), Number(pause[1] ?? 0)];
  return (instance) => {
    const at = overdueAt.get(qualifiedName(instance));
    if (at === undefined || instance.ttlMs === undefined) return undefined;
    const renewedAt = Number(at) - Math.floor((instance.ttlMs * 2) / 3);
    // The gap was added to the times of all earlier renewals.
    return renewedAt < resumedAt ? renewedAt - paused : renewedAt;
  };
}

/** Parses each observation when it is requested. */
export function parseObservations(observed: Readonly<Record<string, string>>): Liveness['lastObservation'] {
  return (instance, checkId) => parseObservation(observed[`${qualifiedName(instance)}/${checkId}`]);
}

function parseObservation(text: string | undefined): TimestampedObservation | undefined {
  if (text === undefined) return undefined;
  const space = text.indexOf(' ');
  return { at: Number(text.slice(0, space)), ...observationSchema.parse(JSON.parse(text.slice(space + 1))) };
}
