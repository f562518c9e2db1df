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
import {
  findStep,
  isRefused,
  requiredPaymentCall,
  type SagaState,
  type SagaStep,
  type SagaTrigger,
} from './order-saga.ts';
import type { Order, OrderTimelineEntry, Payment } from './order.ts';
import type { ChargeOutcome, RefundOutcome } from './payment.ts';

type OrderTransition = Change<Order, OrderEvent>;

/** What a trigger says beside its name. */
interface TriggerFacts {
  /** Why the order ends: a word for programs. */
  readonly reason?: string;
  /** The missing items, for people. */
  readonly detail?: string;
  readonly paymentId?: string;
}

export function applyStockReserved(order: Order, now: Date): OrderTransition {
  return transition(order, 'stock.reserved', {}, now);
}

export function applyStockRejected(
  order: Order,
  rejection: { readonly reason: string; readonly detail: string },
  now: Date,
): OrderTransition {
  return transition(order, 'stock.rejected', rejection, now);
}

export function applyStockReleased(order: Order, now: Date): OrderTransition {
  return transition(order, 'stock.released', {}, now);
}

export function applyCharge(order: Order, { outcome, ...facts }: ChargeOutcome, now: Date): OrderTransition {
  return transition(order, `charge.${outcome}`, facts, now);
}

export function applyRefund(order: Order, { outcome, ...facts }: RefundOutcome, now: Date): OrderTransition {
  return transition(order, outcome === 'refunded' ? 'refund.made' : 'refund.nothing', facts, now);
}

/** A repeat keeps the first reason. @throws {OrderNotCancellable} */
export function cancelOrder(order: Order, reason: string, now: Date): OrderTransition {
  return transition(order, 'cancel', { reason }, now);
}

/** Cancels an order that has been pending since `deadline` or longer. */
export function expireOrder(order: Order, deadline: Date, now: Date): OrderTransition {
  return order.createdAt <= deadline ? transition(order, 'timeout', {}, now) : unchanged(order);
}

/** Cancels a pending order of a deleted account, and removes the buyer once no refund is owed. */
export function eraseBuyer(order: Order, now: Date): OrderTransition {
  return transition(order, 'user.deleted', {}, now);
}

/** The payment token, where the order's state requires a charge. */
export function findTokenToCharge(order: Order): string | undefined {
  const { payment } = order;
  const due = requiredPaymentCall(toSagaState(order)) === 'charge';
  return due && payment.state === 'charging' ? payment.token : undefined;
}

/** Whether the order has ended while a charge may have been made that must be refunded. */
export function owesRefund(order: Order): boolean {
  return requiredPaymentCall(toSagaState(order)) === 'refund';
}

/** Whether the order's status and payment are final. */
export function isSettled(order: Order): boolean {
  return order.status !== 'pending' && !owesRefund(order);
}

/** Whether the timeline is complete: the order is settled and stock that it does not need is released. */
export function isTerminal(order: Order): boolean {
  const releaseDue = order.stock === 'reserved' && order.status !== 'confirmed';
  return isSettled(order) && !releaseDue;
}

export function toSagaState({ status, stock, payment, buyer }: Order): SagaState {
  return { status, stock, payment: payment.state, buyer: buyer === null ? 'erased' : 'known' };
}

/** Executes the step of the saga's table, if there is one. @throws {OrderNotCancellable} */
function transition(order: Order, trigger: SagaTrigger, given: TriggerFacts, now: Date): OrderTransition {
  const state = toSagaState(order);
  if (isRefused(state, trigger)) throw new OrderNotCancellable(order.status);
  const step = findStep(state, trigger);
  if (step === undefined) return unchanged(order);
  const facts = step.reason === undefined ? given : { ...given, reason: step.reason };
  const { status = order.status, stock = order.stock, payment = order.payment.state, buyer } = step.to;
  const next: Order = {
    ...order,
    status,
    stock,
    payment: toPayment(payment, order.payment, facts),
    ...(endsOrder(step) ? { reason: required(facts.reason, 'reason') } : {}),
    buyer: buyer === 'erased' ? null : order.buyer,
    timeline: [...order.timeline, ...step.timeline.map((event) => toEntry(event, order, step, facts, now))],
    updatedAt: now,
  };
  return changed(next, ...step.emits.map((eventType) => toEvent(eventType, order, facts)));
}

function endsOrder({ to }: SagaStep): boolean {
  return to.status === 'rejected' || to.status === 'cancelled';
}

function toPayment(state: Payment['state'], before: Payment, facts: TriggerFacts): Payment {
  if (state === before.state) return before;
  switch (state) {
    case 'due':
    case 'charging':
      return { state, token: required('token' in before ? before.token : undefined, 'payment token') };
    case 'processed':
    case 'refunded':
      return { state, paymentId: required(facts.paymentId, 'payment id') };
    case 'failed':
      return { state, reason: required(facts.reason, 'reason') };
    case 'none':
      return { state };
  }
}

function toEntry(
  event: OrderTimelineEntry['event'],
  before: Order,
  step: SagaStep,
  facts: TriggerFacts,
  now: Date,
): OrderTimelineEntry {
  const status = event.startsWith('order.') ? (step.to.status ?? before.status) : before.status;
  const detail = detailOf(event, facts);
  return { at: now, status, event, ...(detail === undefined ? {} : { detail }) };
}

function detailOf(event: OrderTimelineEntry['event'], { reason, detail }: TriggerFacts): string | undefined {
  switch (event) {
    case 'stock.rejected':
      return detail;
    case 'payment.failed':
    case 'order.rejected':
    case 'order.cancelled':
      return reason;
    default:
      return undefined;
  }
}

function toEvent(eventType: OrderEvent['eventType'], order: Order, facts: TriggerFacts): OrderEvent {
  const buyer = getBuyer(order);
  switch (eventType) {
    case 'order.confirmed':
      return orderConfirmed(order, buyer);
    case 'order.rejected':
      return orderEnded('rejected', order, buyer, required(facts.reason, 'reason'));
    case 'order.cancelled':
      return orderEnded('cancelled', order, buyer, required(facts.reason, 'reason'));
    case 'payment.processed':
      return paymentProcessed(order, buyer, required(facts.paymentId, 'payment id'));
    case 'payment.failed':
      return paymentFailed(order, buyer, required(facts.reason, 'reason'));
    case 'payment.refunded':
      return paymentRefunded(order, buyer, required(facts.paymentId, 'payment id'));
    case 'order.created':
      throw new Error('placeOrder makes order.created; no step of the saga emits it.');
  }
}

/** An order loses its buyer only once it is settled, and then emits no further event. */
function getBuyer({ id, buyer }: Order): Buyer {
  if (buyer === null) throw new Error(`Order ${id} emits an event without a buyer: a defect.`);
  return buyer;
}

function required<Fact>(fact: Fact | undefined, name: string): Fact {
  if (fact === undefined) throw new Error(`The trigger of a saga step gives no ${name}: a defect.`);
  return fact;
}
