import { z } from 'zod';
import { CHECK_STATUSES } from '../domain/check.ts';
import { nameOf } from '../domain/instance.ts';
import type { LastHeartbeat, Observed, Vitals } from '../domain/vitals.ts';
import { pairs } from './instance.replies.ts';

const observation = z.object({
  status: z.enum(CHECK_STATUSES),
  output: z.string(),
  latencyMs: z.number().exactOptional(),
  httpStatus: z.number().exactOptional(),
});

/** When leases are overdue, when the sweeping was last resumed after a pause, and how long that was. */
export function lastHeartbeatFrom(
  overdue: readonly string[],
  pause: readonly (string | null)[],
): LastHeartbeat {
  const overdueAt = new Map(pairs(overdue));
  const [resumedAt, paused] = [Number(pause[0] ?? 0), Number(pause[1] ?? 0)];
  return (instance) => {
    const at = overdueAt.get(nameOf(instance));
    if (at === undefined || instance.ttlMs === undefined) return undefined;
    const renewedAt = Number(at) - Math.floor((instance.ttlMs * 2) / 3);
    // The pause was added to what was renewed before it.
    return renewedAt < resumedAt ? renewedAt - paused : renewedAt;
  };
}

/** Each observation is read when it is asked for. */
export function observedIn(observed: Readonly<Record<string, string>>): Vitals['observed'] {
  return (instance, checkId) => observedFrom(observed[`${nameOf(instance)}/${checkId}`]);
}

function observedFrom(text: string | undefined): Observed | undefined {
  if (text === undefined) return undefined;
  const space = text.indexOf(' ');
  return { at: Number(text.slice(0, space)), ...observation.parse(JSON.parse(text.slice(space + 1))) };
}
