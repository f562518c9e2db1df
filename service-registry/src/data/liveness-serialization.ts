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

/** When leases are overdue, when expiration was last resumed after a pause, and how long that was. */
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
    // The pause was added to what was renewed before it.
    return renewedAt < resumedAt ? renewedAt - paused : renewedAt;
  };
}

/** Each observation is read when it is asked for. */
export function parseObservations(observed: Readonly<Record<string, string>>): Liveness['lastObservation'] {
  return (instance, checkId) => parseObservation(observed[`${qualifiedName(instance)}/${checkId}`]);
}

function parseObservation(text: string | undefined): TimestampedObservation | undefined {
  if (text === undefined) return undefined;
  const space = text.indexOf(' ');
  return { at: Number(text.slice(0, space)), ...observationSchema.parse(JSON.parse(text.slice(space + 1))) };
}
