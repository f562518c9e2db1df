import type { Erasure } from './erasure.ts';
import type { OrderRepository } from './order.repository.ts';
import type { OrderId } from './order.ts';
import type { Saga } from './saga.service.ts';

/** Of several replicas one holds it at a time. */
export interface Lease {
  /** Takes or keeps it; false while another replica has it. */
  hold(): Promise<boolean>;
}

export interface SweepDependencies {
  readonly lease: Lease;
  readonly orders: OrderRepository;
  readonly saga: Saga;
  readonly erasure: Erasure;
  /** For how many milliseconds an order may be pending. */
  readonly pendingMs: number;
  readonly log: { warn(message: string, fields: object): void };
  readonly now: () => Date;
}

/** Longer than whoever ended an order takes to have its money returned. */
const OWING_MS = 15_000;
const BATCH = 100;

/**
 * Finishes what nobody else will: cancels orders that stay pending, returns money that an ended order may
 * have taken where a crash or the provider kept that from being done, and erases who is gone.
 */
export function createSweep(dependencies: SweepDependencies): (signal: AbortSignal) => Promise<void> {
  const { lease, orders, saga, erasure, pendingMs, log, now } = dependencies;
  const ago = (milliseconds: number) => new Date(now().getTime() - milliseconds);

  /** One order's trouble is not to be all orders'. */
  async function each(ids: readonly OrderId[], work: (id: OrderId) => Promise<unknown>): Promise<void> {
    for (const id of ids) {
      await work(id).catch((error: unknown) =>
        log.warn('an order is left for the next sweep', { orderId: id, error }),
      );
    }
  }

  return async (signal) => {
    if (!(await lease.hold())) return;
    const deadline = ago(pendingMs);
    await each(await orders.pendingSince(deadline, BATCH), (id) => saga.expire(id, deadline));
    await each(await orders.owingSince(ago(OWING_MS), BATCH), (id) => saga.settle(id));
    if (!signal.aborted) await erasure.sweep(signal);
  };
}
