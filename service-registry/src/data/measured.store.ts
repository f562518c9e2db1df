import type { InstanceStore, Outcome } from '../domain/registrations.service.ts';

export type Operation = 'register' | 'renew' | 'unregister' | 'report' | 'override';

/** Hears of every change that was asked for, what came of it (`failed`: the store threw), and how long it took. */
export type Measure = (
  operation: Operation,
  outcome: Outcome['kind'] | 'failed',
  milliseconds: number,
) => void;

/** The same store, with somebody told of each change. */
export function measuredStore<Store extends InstanceStore>(store: Store, measure: Measure): Store {
  async function measured(operation: Operation, change: Promise<Outcome>): Promise<Outcome> {
    const started = performance.now();
    try {
      const outcome = await change;
      // A heartbeat may say all that a registration says: what it came to tells which it was.
      const did = outcome.kind === 'renewed' ? 'renew' : operation;
      measure(did, outcome.kind, performance.now() - started);
      return outcome;
    } catch (error) {
      measure(operation, 'failed', performance.now() - started);
      throw error;
    }
  }

  return {
    ...store,
    upsert: (upsert) => measured('register', store.upsert(upsert)),
    renew: (selector, state) => measured('renew', store.renew(selector, state)),
    remove: (selector) => measured('unregister', store.remove(selector)),
    report: (report) => measured('report', store.report(report)),
    override: (selector, override) => measured('override', store.override(selector, override)),
  };
}
