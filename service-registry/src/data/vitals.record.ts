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

/** Vitals out of what Redis has of everybody, each read when it is asked for. */
export function vitalsFrom(overdue: readonly string[], observed: Readonly<Record<string, string>>): Vitals {
  const overdueAt = new Map(pairs(overdue));
  return {
    lastHeartbeat: (instance) => {
      const at = overdueAt.get(nameOf(instance));
      if (at === undefined || instance.ttlMs === undefined) return undefined;
      return Number(at) - Math.floor((instance.ttlMs * 2) / 3);
    },
    observed: (instance, checkId) => observedFrom(observed[`${nameOf(instance)}/${checkId}`]),
  };
}

function observedFrom(text: string | undefined): Observed | undefined {
  if (text === undefined) return undefined;
  const space = text.indexOf(' ');
  return { at: Number(text.slice(0, space)), ...observation.parse(JSON.parse(text.slice(space + 1))) };
}
