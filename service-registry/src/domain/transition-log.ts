import type { Transition } from './catalogue.ts';
import { nameOf } from './instance.ts';

/** A transition and when this replica saw it, in milliseconds since 1970. */
export interface SeenTransition extends Transition {
  readonly at: number;
}

export interface TransitionLog {
  add(transitions: readonly Transition[], at: number): void;
  /** What is not too old, the latest last: the last transition of each instance alone. */
  since(now: number): readonly SeenTransition[];
}

/** What happened to whom lately, for `keepMs`; of more than `most` instances the latest. */
export function createTransitionLog(keepMs: number, most: number): TransitionLog {
  /** In the order of `at`. */
  const byInstance = new Map<string, SeenTransition>();

  function forget(now: number): void {
    for (const [name, { at }] of byInstance) {
      if (at > now - keepMs && byInstance.size <= most) return;
      byInstance.delete(name);
    }
  }

  return {
    add: (transitions, at) => {
      for (const transition of transitions) {
        const name = nameOf(transition.instance);
        byInstance.delete(name);
        byInstance.set(name, { ...transition, at });
      }
      forget(at);
    },
    since: (now) => {
      forget(now);
      return [...byInstance.values()];
    },
  };
}
