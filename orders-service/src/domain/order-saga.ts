import type { OrderEvent } from './order.events.ts';
import type { OrderStatus, OrderTimelineEntry, Payment, StockStatus } from './order.ts';

/** The part of an order that decides which steps of the saga are possible. */
export interface SagaState {
  readonly status: OrderStatus;
  readonly stock: StockStatus;
  readonly payment: Payment['state'];
  /** `erased` once the buyer's account is deleted and the order no longer names the buyer. */
  readonly buyer: 'known' | 'erased';
}

/** What can happen to an order. `from` says where it comes from: another service, a client, a clock, the provider. */
export const SAGA_TRIGGERS = {
  'stock.reserved': { from: 'event', description: 'posts-service reserved the stock of all items.' },
  'stock.rejected': { from: 'event', description: 'posts-service has too little stock and reserved none.' },
  'stock.released': { from: 'event', description: 'posts-service gave the reserved stock back.' },
  'charge.processed': { from: 'reply', description: 'The payment provider charged the buyer.' },
  'charge.failed': { from: 'reply', description: 'The payment provider declined the charge.' },
  'charge.called-off': {
    from: 'reply',
    description: 'The payment provider was asked for a refund first and charges nothing.',
  },
  cancel: { from: 'command', description: 'The buyer or an administrator cancels the order.' },
  timeout: { from: 'timeout', description: 'The order was pending for `ORDER_TIMEOUT_MS` (2 minutes).' },
  'refund.made': { from: 'reply', description: 'The payment provider refunded the charge.' },
  'refund.nothing': { from: 'reply', description: 'The payment provider never charged and never will.' },
  'user.deleted': { from: 'event', description: "users-service deleted the buyer's account." },
} as const satisfies Record<string, { from: 'event' | 'reply' | 'command' | 'timeout'; description: string }>;

export type SagaTrigger = keyof typeof SAGA_TRIGGERS;

/** Which states a step starts from: for each part the possible values; an absent part may have any value. */
export type SagaStatePattern = { readonly [Part in keyof SagaState]?: readonly SagaState[Part][] };

/** One step: where it starts, where it leads, and what it publishes. A part that `to` omits keeps its value. */
export interface SagaStep {
  readonly on: SagaTrigger;
  readonly from: SagaStatePattern;
  readonly to: Partial<SagaState>;
  /** Timeline entries, in order. An `order.*` entry has the new status, an earlier entry the old one. */
  readonly timeline: readonly OrderTimelineEntry['event'][];
  /** Events to publish, in order. */
  readonly emits: readonly OrderEvent['eventType'][];
  /** Why the order ended, where the trigger itself gives no reason. */
  readonly reason?: string;
  /** The forward step that this step compensates. */
  readonly undoes?: SagaTrigger;
}

const ENDED = ['rejected', 'cancelled'] as const;
const PLACED: SagaStatePattern = { status: ['pending'], payment: ['due'] };
const CHARGING: SagaStatePattern = { status: ['pending'], payment: ['charging'] };
const REFUND_OWED: SagaStatePattern = { status: ENDED, payment: ['charging'] };
const CLOSED: SagaStatePattern = {
  status: ['confirmed', ...ENDED],
  payment: ['none', 'processed', 'failed', 'refunded'],
};

/** What ends a pending order before the provider was asked: no charge will follow. */
const END_UNCHARGED = { payment: 'none' } as const;

/**
 * The order saga. A trigger without a step for the order's state changes nothing: events may arrive twice,
 * late and out of order.
 */
export const ORDER_SAGA: readonly SagaStep[] = [
  {
    on: 'stock.reserved',
    from: PLACED,
    to: { stock: 'reserved', payment: 'charging' },
    timeline: ['stock.reserved'],
    emits: [],
  },
  {
    on: 'stock.rejected',
    from: PLACED,
    to: { status: 'rejected', stock: 'rejected', ...END_UNCHARGED },
    timeline: ['stock.rejected', 'order.rejected'],
    emits: ['order.rejected'],
  },
  {
    on: 'stock.rejected',
    from: CHARGING,
    to: { status: 'rejected', stock: 'rejected' },
    timeline: ['stock.rejected', 'order.rejected'],
    emits: ['order.rejected'],
  },
  {
    on: 'charge.processed',
    from: CHARGING,
    to: { status: 'confirmed', payment: 'processed' },
    timeline: ['payment.processed', 'order.confirmed'],
    emits: ['payment.processed', 'order.confirmed'],
  },
  {
    on: 'charge.failed',
    from: CHARGING,
    to: { status: 'rejected', payment: 'failed' },
    timeline: ['payment.failed', 'order.rejected'],
    emits: ['payment.failed', 'order.rejected'],
  },
  {
    on: 'cancel',
    from: PLACED,
    to: { status: 'cancelled', ...END_UNCHARGED },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
  },
  {
    on: 'cancel',
    from: CHARGING,
    to: { status: 'cancelled' },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
  },
  {
    on: 'timeout',
    from: PLACED,
    to: { status: 'cancelled', ...END_UNCHARGED },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
    reason: 'timed_out',
  },
  {
    on: 'timeout',
    from: CHARGING,
    to: { status: 'cancelled' },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
    reason: 'timed_out',
  },
  {
    on: 'stock.released',
    from: PLACED,
    to: { status: 'rejected', stock: 'released', ...END_UNCHARGED },
    timeline: ['stock.released', 'order.rejected'],
    emits: ['order.rejected'],
    reason: 'stock_released',
    undoes: 'stock.reserved',
  },
  {
    on: 'stock.released',
    from: CHARGING,
    to: { status: 'rejected', stock: 'released' },
    timeline: ['stock.released', 'order.rejected'],
    emits: ['order.rejected'],
    reason: 'stock_released',
    undoes: 'stock.reserved',
  },
  {
    on: 'stock.released',
    from: { status: ['confirmed', ...ENDED], stock: ['awaited', 'reserved', 'rejected'] },
    to: { stock: 'released' },
    timeline: ['stock.released'],
    emits: [],
    undoes: 'stock.reserved',
  },
  {
    // The charge was not published before its refund, so both events go out here.
    on: 'refund.made',
    from: REFUND_OWED,
    to: { payment: 'refunded' },
    timeline: ['payment.processed', 'payment.refunded'],
    emits: ['payment.processed', 'payment.refunded'],
    undoes: 'stock.reserved',
  },
  {
    on: 'refund.nothing',
    from: REFUND_OWED,
    to: { payment: 'none' },
    timeline: [],
    emits: [],
    undoes: 'stock.reserved',
  },
  {
    on: 'user.deleted',
    from: PLACED,
    to: { status: 'cancelled', buyer: 'erased', ...END_UNCHARGED },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
    reason: 'account_deleted',
  },
  {
    // The buyer stays until the refund is made: its events name the buyer.
    on: 'user.deleted',
    from: CHARGING,
    to: { status: 'cancelled' },
    timeline: ['order.cancelled'],
    emits: ['order.cancelled'],
    reason: 'account_deleted',
  },
  {
    on: 'user.deleted',
    from: { ...CLOSED, buyer: ['known'] },
    to: { buyer: 'erased' },
    timeline: [],
    emits: [],
  },
];

/** Triggers that answer an error, rather than change nothing, because a client waits for the result. */
export const SAGA_REFUSALS: readonly { readonly on: SagaTrigger; readonly from: SagaStatePattern }[] = [
  { on: 'cancel', from: { status: ['confirmed', 'rejected'] } },
];

/** The calls to the payment provider that a state requires. They repeat until the provider's reply is stored. */
export const PAYMENT_CALLS: readonly { readonly call: 'charge' | 'refund'; readonly in: SagaStatePattern }[] =
  [
    { call: 'charge', in: CHARGING },
    { call: 'refund', in: REFUND_OWED },
  ];

export const INITIAL_STATE: SagaState = {
  status: 'pending',
  stock: 'awaited',
  payment: 'due',
  buyer: 'known',
};

/** The step that a trigger takes from a state; undefined where it changes nothing. */
export function findStep(state: SagaState, trigger: SagaTrigger): SagaStep | undefined {
  return ORDER_SAGA.find(({ on, from }) => on === trigger && matches(state, from));
}

export function isRefused(state: SagaState, trigger: SagaTrigger): boolean {
  return SAGA_REFUSALS.some(({ on, from }) => on === trigger && matches(state, from));
}

export function requiredPaymentCall(state: SagaState): 'charge' | 'refund' | undefined {
  return PAYMENT_CALLS.find((required) => matches(state, required.in))?.call;
}

export function matches(state: SagaState, pattern: SagaStatePattern): boolean {
  return (
    includes(pattern.status, state.status) &&
    includes(pattern.stock, state.stock) &&
    includes(pattern.payment, state.payment) &&
    includes(pattern.buyer, state.buyer)
  );
}

function includes<Value>(possible: readonly Value[] | undefined, value: Value): boolean {
  return possible === undefined || possible.includes(value);
}
