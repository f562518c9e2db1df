import type { InstanceStore, WriteResult } from '../domain/registrations.service.ts';

export type StoreOperation = 'register' | 'renew' | 'unregister' | 'report' | 'override';

/** Called after each write with its outcome (`failed`: the store threw) and its duration. */
export type StoreOperationObserver = (
  operation: StoreOperation,
  outcome: WriteResult['kind'] | 'failed',
  milliseconds: number,
) => void;

/** The same store, with an observer of all writes. */
export function instrumentStore<Store extends InstanceStore>(
  store: Store,
  observe: StoreOperationObserver,
): Store {
  async function observed(operation: StoreOperation, change: Promise<WriteResult>): Promise<WriteResult> {
    const started = performance.now();
    try {
      const writeResult = await change;
      // A heartbeat may have the whole registration; only the outcome shows which of the two it was.
      const did = writeResult.kind === 'renewed' ? 'renew' : operation;
      observe(did, writeResult.kind, performance.now() - started);
      return writeResult;
    } catch (error) {
      observe(operation, 'failed', performance.now() - started);
      throw error;
    }
  }

  return {
    ...store,
    upsert: (upsert) => observed('register', store.upsert(upsert)),
    renew: (ref, state) => observed('renew', store.renew(ref, state)),
    remove: (ref) => observed('unregister', store.remove(ref)),
    report: (report) => observed('report', store.report(report)),
    override: (ref, override) => observed('override', store.override(ref, override)),
  };
}
