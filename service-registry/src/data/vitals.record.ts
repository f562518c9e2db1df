import { z } from 'zod';
import { CHECK_STATUSES } from '../domain/check.ts';
import { nameOf } from '../domain/instance.ts';
import type { Observed, Vitals } from '../domain/vitals.ts';
import { pairs } from './instance.replies.ts';

const observation = z.object({
  status: z.enum(CHECK_STATUSES),
  output: z.string(),
  latencyMs: z.number().exactOptional(),
  httpStatus: z.number().exactOptional(),
});

/** What Redis has of everybody. */
export interface VitalsReply {
  readonly overdue: readonly string[];
  readonly observed: Readonly<Record<string, string>>;
  /** When the sweeping was last resumed after a gap, and how long that was. */
  readonly pause: readonly (string | null)[];
}

/** Each is read when it is asked for. */
export function vitalsFrom({ overdue, observed, pause }: VitalsReply): Vitals {
  const overdueAt = new Map(pairs(overdue));
  const [resumedAt, gap] = [Number(pause[0] ?? 0), Number(pause[1] ?? 0)];
  return {
    lastHeartbeat: (instance) => {
      const at = overdueAt.get(nameOf(instance));
      if (at === undefined || instance.ttlMs === undefined) return undefined;
      const renewedAt = Number(at) - Math.floor((instance.ttlMs * 2) / 3);
      // The gap was added to what was renewed before it.
      return renewedAt < resumedAt ? renewedAt - gap : renewedAt;
    },
    observed: (instance, checkId) => observedFrom(observed[`${nameOf(instance)}/${checkId}`]),
  };
}

function observedFrom(text: string | undefined): Observed | undefined {
  if (text === undefined) return undefined;
  const space = text.indexOf(' ');
  return { at: Number(text.slice(0, space)), ...observation.parse(JSON.parse(text.slice(space + 1))) };
}
