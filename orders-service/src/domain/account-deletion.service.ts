import type { EventLog } from '@plaza/errors';
import type { BuyerRepository } from './buyer.repository.ts';
import type { BuyerId } from './buyer.ts';
import type { CartRepository } from './cart.repository.ts';
import { updateOrderWithRetry } from './update-with-retry.ts';
import type { IdempotencyKeyRepository } from './idempotency-key.repository.ts';
import { eraseBuyer, owesRefund } from './order-transitions.ts';
import type { OrderRepository } from './order.repository.ts';
import type { OrderId } from './order.ts';
import type { OrderSagaService } from './order-saga.service.ts';
import { userErasureFailed } from './orders.log-events.ts';

/** Removes the data of a user whose account is deleted. */
export interface AccountDeletionService {
  /**
   * Cancels what is pending, gives back what was taken, removes the cart and takes the name from every order.
   * Stops early when the signal aborts. May be repeated: what is done is done, and the reconciliation job does the rest.
   */
  eraseUserData(userId: BuyerId, signal: AbortSignal): Promise<void>;
  /** Goes on with all that is not done, and looks again at those who went a moment ago. */
  resumePending(signal: AbortSignal): Promise<void>;
}

export interface AccountDeletionServiceDependencies {
  readonly buyers: BuyerRepository;
  readonly orders: OrderRepository;
  readonly carts: CartRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly saga: OrderSagaService;
  readonly log: Pick<EventLog, 'warn'>;
  readonly now: () => Date;
}

/** A request that began before the account went may still be at it: longer than any takes. */
const MAX_REQUEST_MS = 60_000;
const BATCH = 100;

export function createAccountDeletionService(
  dependencies: AccountDeletionServiceDependencies,
): AccountDeletionService {
  const { buyers, orders, carts, idempotencyKeys, saga, log, now } = dependencies;

  async function eraseOrder(id: OrderId): Promise<void> {
    const order = await updateOrderWithRetry(orders, id, (current) => eraseBuyer(current, now()));
    if (!owesRefund(order)) return;
    await saga.refundIfOwed(id);
    await updateOrderWithRetry(orders, id, (current) => eraseBuyer(current, now()));
  }

  async function eraseUserData(userId: BuyerId, signal: AbortSignal): Promise<void> {
    await carts.remove(userId);
    await idempotencyKeys.removeByUser(userId);
    while (!signal.aborted) {
      const ids = await orders.findIdsByBuyer(userId, BATCH);
      if (ids.length === 0) return;
      for (const id of ids) {
        if (signal.aborted) return;
        await eraseOrder(id);
      }
    }
  }

  /** The user stays to be erased for as long as something of theirs may still come. */
  async function finish(userId: BuyerId, goneSince: Date, signal: AbortSignal): Promise<void> {
    await eraseUserData(userId, signal);
    const quiet = now().getTime() - goneSince.getTime() >= MAX_REQUEST_MS;
    if (quiet && !signal.aborted) await buyers.completeErasure(userId);
  }

  return {
    eraseUserData,

    resumePending: async (signal) => {
      for (const { userId, goneSince } of await buyers.findPendingErasure(BATCH)) {
        if (signal.aborted) return;
        await finish(userId, goneSince, signal).catch((error: unknown) =>
          log.warn(userErasureFailed, { error }),
        );
      }
    },
  };
}
