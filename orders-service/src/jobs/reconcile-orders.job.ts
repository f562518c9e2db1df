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

/** Longer than the request that ended an order takes to refund it. */
const REFUND_GRACE_MS = 15_000;
const BATCH = 100;

/**
 * Finishes orders that no request or event will finish: cancels orders that stay pending, refunds ended orders whose
 * refund a crash or the provider prevented, and erases the data of deleted users.
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
