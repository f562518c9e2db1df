import type { PlazaError } from '@plaza/errors';
import type { Logger } from '@plaza/service-kit';
import type { Answer, BodyTap, PluginInstance, Visit } from '../plugins/plugin.ts';

/** One plugin of one route: which of its entries counts depends on who asks. */
export interface Slot {
  readonly name: string;
  readonly priority: number;
  /** For who is no consumer, and for consumers without an entry of their own. */
  readonly general: PluginInstance | undefined;
  /** By username; undefined where no entry is about a consumer. */
  readonly byConsumer: ReadonlyMap<string, PluginInstance> | undefined;
}

/** The plugins of one route, in their order. */
export interface Chain {
  /** Ends early where a plugin answers. Throws what is to be answered instead. */
  access(visit: Visit): Promise<void>;
  /** The head of the service's answer passes; returns who wants to see the body. */
  respond(visit: Visit, answer: Answer): readonly BodyTap[];
  /** No answer came. Whether a plugin answered instead. */
  failed(visit: Visit, error: PlazaError): Promise<boolean>;
  /** The response has ended. */
  log(visit: Visit): void;
}

/** rate-limiting's: who has been refused is told after that, or guessing credentials would be free. */
const COUNTED = 910;

const NO_TAPS: readonly BodyTap[] = [];

/**
 * What a plugin throws before the answer has begun is answered; what it throws later, when nobody can be told any
 * more, is logged, and the answer passes as if the plugin had seen nothing of it.
 * @param slots in the order in which they run.
 */
export function createChain(slots: readonly Slot[], logger: Logger): Chain {
  const accessing = having(slots, 'access');
  const responding = having(slots, 'respond');
  const failing = having(slots, 'failed');
  const logging = having(slots, 'log');

  return {
    access: async (visit) => {
      const { response } = visit;
      for (const slot of accessing) {
        if (visit.refusal !== undefined && slot.priority < COUNTED) throw visit.refusal;
        const waiting = chosen(slot, visit)?.access?.(visit);
        if (waiting !== undefined) await waiting;
        if (response.writableEnded || response.destroyed) return;
      }
      if (visit.refusal !== undefined) throw visit.refusal;
    },
    respond: (visit, answer) => {
      let taps = NO_TAPS;
      for (const slot of responding) {
        const tap = chosen(slot, visit)?.respond?.(visit, answer);
        if (tap !== undefined) taps = [...taps, guarded(tap, slot.name, logger)];
      }
      return taps;
    },
    failed: async (visit, error) => {
      for (const slot of failing) {
        if ((await chosen(slot, visit)?.failed?.(visit, error)) === true) return true;
      }
      return false;
    },
    log: (visit) => {
      for (const slot of logging) {
        try {
          chosen(slot, visit)?.log?.(visit);
        } catch (error) {
          logger.error('a plugin failed to log', { plugin: slot.name, error });
        }
      }
    },
  };
}

/** One that throws sees no more of its body than it has. */
function guarded(tap: BodyTap, plugin: string, logger: Logger): BodyTap {
  let broken = false;
  const attempt = (look: () => void) => {
    if (broken) return;
    try {
      look();
    } catch (error) {
      broken = true;
      logger.error('a plugin failed to see a body', { plugin, error });
    }
  };
  return {
    chunk: (data) => attempt(() => tap.chunk(data)),
    end: (complete) => attempt(() => tap.end(complete)),
  };
}

function having(slots: readonly Slot[], hook: keyof PluginInstance): readonly Slot[] {
  return slots.filter(({ general, byConsumer }) =>
    [general, ...(byConsumer?.values() ?? [])].some((instance) => instance?.[hook] !== undefined),
  );
}

function chosen({ general, byConsumer }: Slot, { consumer }: Visit): PluginInstance | undefined {
  if (byConsumer === undefined || consumer === undefined) return general;
  return byConsumer.get(consumer.username) ?? general;
}
