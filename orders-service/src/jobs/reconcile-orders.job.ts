import type { EventLog } from '@plaza/errors';
import type { AccountDeletionService } from '../domain/account-deletion.service.ts';
import type { DistributedLock } from '../domain/distributed-lock.ts';
import type { OrderRepository } from '../domain/order.repository.ts';
import type { OrderId } from '../domain/order.ts';
import type { OrderSagaService } from '../domain/order-saga.service.ts';
import { orderReconciliationFailed } from '../domain/orders.log-events.ts';

export interface ReconcileOrdersDependencies {
  readonly lock: DistributedLock;
  readonly orders: OrderRepository;
  readonly saga: OrderSagaService;
  readonly accountDeletion: AccountDeletionService;
  /** For how many milliseconds an order may be pending. */
  readonly pendingMs: number;
  readonly log: Pick<EventLog, 'warn'>;
  readonly now: () => Date;
}

/** Longer than whoever ended an order takes to have its money returned. */
const REFUND_GRACE_MS = 15_000;
const BATCH = 100;

/**
 * Finishes what nobody else will: cancels orders that stay pending, returns money that an ended order may
 * have taken where a crash or the provider kept that from being done, and erases who is gone.
 */
export function createReconcileOrdersJob(
  dependencies: ReconcileOrdersDependencies,
): (signal: AbortSignal) => Promise<void> {
  const { lock, orders, saga, accountDeletion, pendingMs, log, now } = dependencies;
  const ago = (milliseconds: number) => new Date(now().getTime() - milliseconds);

  /** One order's trouble is not to be all orders'. */
  async function each(ids: readonly OrderId[], work: (id: OrderId) => Promise<unknown>): Promise<void> {
    for (const id of ids) {
      await work(id).catch((error: unknown) => log.warn(orderReconciliationFailed, { orderId: id, error }));
    }
  }

  return async (signal) => {
    if (!(await lock.acquire())) return;
    const deadline = ago(pendingMs);
    await each(await orders.findPendingSince(deadline, BATCH), (id) => saga.expire(id, deadline));
    await each(await orders.findRefundDueSince(ago(REFUND_GRACE_MS), BATCH), (id) => saga.refundIfOwed(id));
    if (!signal.aborted) await accountDeletion.resumePending(signal);
  };
}
