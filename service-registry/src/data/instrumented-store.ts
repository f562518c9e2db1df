import type { InstanceStore, WriteResult } from '../domain/registrations.service.ts';

export type StoreOperation = 'register' | 'renew' | 'unregister' | 'report' | 'override';

/** Hears of every change that was asked for, what came of it (`failed`: the store threw), and how long it took. */
export type StoreOperationObserver = (
  operation: StoreOperation,
  outcome: WriteResult['kind'] | 'failed',
  milliseconds: number,
) => void;

/** The same store, with somebody told of each change. */
export function instrumentStore<Store extends InstanceStore>(
  store: Store,
  observe: StoreOperationObserver,
): Store {
  async function observed(operation: StoreOperation, change: Promise<WriteResult>): Promise<WriteResult> {
    const started = performance.now();
    try {
      const writeResult = await change;
      // A heartbeat may say all that a registration says: what it came to tells which it was.
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
