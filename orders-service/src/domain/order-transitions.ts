import { changed, unchanged, type Change } from '@plaza/domain';
import type { Buyer } from './buyer.ts';
import { OrderNotCancellable } from './order.errors.ts';
import {
  orderConfirmed,
  orderEnded,
  paymentFailed,
  paymentProcessed,
  paymentRefunded,
  type OrderEvent,
} from './order.events.ts';
import { isSettled, owesRefund, type Order, type OrderTimelineEntry } from './order.ts';
import type { ChargeOutcome, RefundOutcome } from './payment.ts';

/**
 * What may happen to an order, one rule for each. A rule whose moment has not come, or is past, changes
 * nothing: events may come twice, late and out of order.
 */
type OrderTransition = Change<Order, OrderEvent>;

/** The pieces are put aside: from here on the provider may be asked for the money. */
export function applyStockReserved(order: Order, now: Date): OrderTransition {
  const { status, stock, payment } = order;
  if (status !== 'pending' || stock !== 'awaited' || payment.state !== 'due') return unchanged(order);
  const charging: Order = {
    ...order,
    stock: 'reserved',
    payment: { state: 'charging', token: payment.token },
  };
  return changed(withTimelineEntry(charging, now, { event: 'stock.reserved' }));
}

/** Not all of the pieces are to be had. */
export function applyStockRejected(
  order: Order,
  { reason, detail }: { readonly reason: string; readonly detail: string },
  now: Date,
): OrderTransition {
  if (order.status !== 'pending') return unchanged(order);
  const told = withTimelineEntry({ ...order, stock: 'rejected' }, now, { event: 'stock.rejected', detail });
  return endOrder(told, 'rejected', reason, now);
}

/** The pieces went back: what a rejected or cancelled order waits for, and what ends a pending one. */
export function applyStockReleased(order: Order, now: Date): OrderTransition {
  if (order.stock === 'released') return unchanged(order);
  const told = withTimelineEntry({ ...order, stock: 'released' }, now, { event: 'stock.released' });
  return order.status === 'pending' ? endOrder(told, 'rejected', 'stock_released', now) : changed(told);
}

/** The provider answered. Where the order has ended meanwhile, a refund is owed, and says the rest. */
export function applyCharge(order: Order, outcome: ChargeOutcome, now: Date): OrderTransition {
  if (order.status !== 'pending' || order.payment.state !== 'charging') return unchanged(order);
  const buyer = getBuyer(order);
  switch (outcome.outcome) {
    case 'called-off':
      return unchanged(order);
    case 'failed': {
      const { reason } = outcome;
      const failed: Order = { ...order, payment: { state: 'failed', reason } };
      const told = withTimelineEntry(failed, now, { event: 'payment.failed', detail: reason });
      const { state, events } = endOrder(told, 'rejected', reason, now);
      return changed(state, paymentFailed(order, buyer, reason), ...events);
    }
    case 'processed': {
      const { paymentId } = outcome;
      const paid = withTimelineEntry({ ...order, payment: { state: 'processed', paymentId } }, now, {
        event: 'payment.processed',
      });
      const confirmed = withTimelineEntry({ ...paid, status: 'confirmed' }, now, {
        event: 'order.confirmed',
      });
      return changed<Order, OrderEvent>(
        confirmed,
        paymentProcessed(order, buyer, paymentId),
        orderConfirmed(order, buyer),
      );
    }
  }
}

/** Somebody does not want it any more, or nobody answered in time. @throws {OrderNotCancellable} */
export function cancelOrder(order: Order, reason: string, now: Date): OrderTransition {
  if (order.status === 'cancelled') return unchanged(order);
  if (order.status !== 'pending') throw new OrderNotCancellable(order.status);
  return endOrder(order, 'cancelled', reason, now);
}

/** Cancels an order that has been pending since `deadline` or longer. */
export function expireOrder(order: Order, deadline: Date, now: Date): OrderTransition {
  const late = order.status === 'pending' && order.createdAt <= deadline;
  return late ? endOrder(order, 'cancelled', 'timed_out', now) : unchanged(order);
}

/** What an ended order may have taken is back, or was never taken. Both payment and refund are news then. */
export function applyRefund(order: Order, outcome: RefundOutcome, now: Date): OrderTransition {
  if (!owesRefund(order)) return unchanged(order);
  if (outcome.outcome === 'nothing') return changed({ ...order, payment: { state: 'none' }, updatedAt: now });
  const { paymentId } = outcome;
  const buyer = getBuyer(order);
  const paid = withTimelineEntry(order, now, { event: 'payment.processed' });
  const back = withTimelineEntry({ ...paid, payment: { state: 'refunded', paymentId } }, now, {
    event: 'payment.refunded',
  });
  return changed<Order, OrderEvent>(
    back,
    paymentProcessed(order, buyer, paymentId),
    paymentRefunded(order, buyer, paymentId),
  );
}

/** The buyer's account is gone: nothing pending goes on, and nothing settled says whose it was. */
export function eraseBuyer(order: Order, now: Date): OrderTransition {
  if (order.status === 'pending') {
    const { state, events } = endOrder(order, 'cancelled', 'account_deleted', now);
    return changed(isSettled(state) ? { ...state, buyer: null } : state, ...events);
  }
  if (order.buyer === null || !isSettled(order)) return unchanged(order);
  return changed({ ...order, buyer: null, updatedAt: now });
}

/** A payment that was not begun never will be; one that was stays `charging`, and a refund is owed. */
function endOrder(
  order: Order,
  status: 'rejected' | 'cancelled',
  reason: string,
  now: Date,
): OrderTransition {
  const payment = order.payment.state === 'due' ? ({ state: 'none' } as const) : order.payment;
  const ended = withTimelineEntry({ ...order, status, reason, payment }, now, {
    event: `order.${status}`,
    detail: reason,
  });
  return changed(ended, orderEnded(status, order, getBuyer(order), reason));
}

function withTimelineEntry(
  order: Order,
  now: Date,
  step: Pick<OrderTimelineEntry, 'event' | 'detail'>,
): Order {
  const { status, timeline } = order;
  return { ...order, timeline: [...timeline, { at: now, status, ...step }], updatedAt: now };
}

/** Only settled orders lose their buyer, and of those there is no more news. */
function getBuyer({ id, buyer }: Order): Buyer {
  if (buyer === null) throw new Error(`Order ${id} has news, and nobody whose it is: a defect.`);
  return buyer;
}
