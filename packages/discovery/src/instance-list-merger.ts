import type { ServiceInstance } from './service-instance.ts';
import type { PassingInstances } from './consul-health-response.ts';

/** Milliseconds in which an emptied registry gets a heartbeat of every instance: one lease. */
const REBUILD_MS = 15_000;

/** Whom a watch believes to be there. */
export interface InstanceListMerger {
  /** The list after an answer of the registry. */
  merge(answer: PassingInstances): readonly ServiceInstance[];
  /** What to ask next. */
  nextQuery(waitMs: number): { index: number; waitMs: number };
}

/**
 * Takes the registry's word, with one exception: a registry that lost what it knew (another epoch, or an index
 * that went backwards) does not know yet who is there. For one lease its list is a list of who has reported
 * back, and whom it does not name is believed to be there still.
 */
export function createInstanceListMerger(now: () => number): InstanceListMerger {
  let known: readonly ServiceInstance[] = [];
  let unheard: ReadonlyMap<string, ServiceInstance> = new Map();
  let heardUntil = 0;
  let last: Pick<PassingInstances, 'index' | 'epoch'> | undefined;

  return {
    merge: (answer) => {
      const anew = last !== undefined && (answer.epoch !== last.epoch || answer.index < last.index);
      if (anew) {
        unheard = new Map(known.map((instance) => [instance.instanceId, instance]));
        heardUntil = now() + REBUILD_MS;
      }
      const named = new Set(answer.instances.map(({ instanceId }) => instanceId));
      const rebuilding = now() < heardUntil;
      unheard = new Map(rebuilding ? [...unheard].filter(([id]) => !named.has(id)) : []);
      known = [...answer.instances, ...unheard.values()];
      last = answer;
      return known;
    },
    nextQuery: (waitMs) => ({
      index: last?.index ?? 0,
      waitMs: unheard.size === 0 ? waitMs : Math.max(1, Math.min(waitMs, heardUntil - now())),
    }),
  };
}
