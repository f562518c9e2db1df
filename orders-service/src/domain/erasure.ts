import type { BuyerRepository } from './buyer.repository.ts';
import type { UserId } from './buyer.ts';
import type { CartRepository } from './cart.repository.ts';
import { changeOrder } from './change-order.ts';
import type { ClaimRepository } from './idempotency.ts';
import { erase } from './order-saga.ts';
import type { OrderRepository } from './order.repository.ts';
import { owesRefund, type OrderId } from './order.ts';
import type { Saga } from './saga.service.ts';

/** Removes what somebody left here whose account is gone. */
export interface Erasure {
  /**
   * Cancels what is pending, gives back what was taken, removes the cart and takes the name from every order.
   * Stops early when the signal aborts. May be repeated: what is done is done, and the sweep does the rest.
   */
  erase(userId: UserId, signal: AbortSignal): Promise<void>;
  /** Goes on with all that is not done, and looks again at those who went a moment ago. */
  sweep(signal: AbortSignal): Promise<void>;
}

export interface ErasureDependencies {
  readonly buyers: BuyerRepository;
  readonly orders: OrderRepository;
  readonly carts: CartRepository;
  readonly claims: ClaimRepository;
  readonly saga: Saga;
  readonly log: { warn(message: string, fields: object): void };
  readonly now: () => Date;
}

/** A request that began before the account went may still be at it: longer than any takes. */
const LAST_REQUEST_MS = 60_000;
const BATCH = 100;

export function createErasure(dependencies: ErasureDependencies): Erasure {
  const { buyers, orders, carts, claims, saga, log, now } = dependencies;

  async function eraseOrder(id: OrderId): Promise<void> {
    const order = await changeOrder(orders, id, (current) => erase(current, now()));
    if (!owesRefund(order)) return;
    await saga.settle(id);
    await changeOrder(orders, id, (current) => erase(current, now()));
  }

  async function eraseAll(userId: UserId, signal: AbortSignal): Promise<void> {
    await carts.remove(userId);
    await claims.removeAllOf(userId);
    while (!signal.aborted) {
      const ids = await orders.idsOf(userId, BATCH);
      if (ids.length === 0) return;
      for (const id of ids) {
        if (signal.aborted) return;
        await eraseOrder(id);
      }
    }
  }

  /** The user stays to be erased for as long as something of theirs may still come. */
  async function finish(userId: UserId, goneSince: Date, signal: AbortSignal): Promise<void> {
    await eraseAll(userId, signal);
    const quiet = now().getTime() - goneSince.getTime() >= LAST_REQUEST_MS;
    if (quiet && !signal.aborted) await buyers.erased(userId);
  }

  return {
    erase: eraseAll,

    sweep: async (signal) => {
      for (const { userId, goneSince } of await buyers.toErase(BATCH)) {
        if (signal.aborted) return;
        await finish(userId, goneSince, signal).catch((error: unknown) =>
          log.warn('somebody is not erased yet', { error }),
        );
      }
    },
  };
}
