import { describe, expect, test } from '@jest/globals';
import { toBuyerId } from '../src/domain/buyer.ts';
import { toProductId } from '../src/domain/order-line.ts';
import {
  INITIAL_STATE,
  ORDER_SAGA,
  PAYMENT_CALLS,
  SAGA_REFUSALS,
  SAGA_TRIGGERS,
  matches,
  type SagaState,
  type SagaTrigger,
} from '../src/domain/order-saga.ts';
import {
  applyCharge,
  applyRefund,
  applyStockRejected,
  applyStockReleased,
  applyStockReserved,
  cancelOrder,
  eraseBuyer,
  expireOrder,
  findTokenToCharge,
  owesRefund,
  toSagaState,
} from '../src/domain/order-transitions.ts';
import { OrderNotCancellable } from '../src/domain/order.errors.ts';
import { placeOrder, toOrderId, type Order } from '../src/domain/order.ts';

const placedAt = new Date('2026-01-01T12:00:00Z');
const now = new Date('2026-01-01T12:01:00Z');

const placed = placeOrder(
  {
    id: toOrderId('o1'),
    buyer: { userId: toBuyerId('ada'), name: 'Ada' },
    items: [
      {
        postId: toProductId('p1'),
        title: 'Lamp',
        quantity: 2,
        unitPrice: { amount: 1250, currency: 'EUR' },
      },
    ],
    paymentToken: 'tok_ok',
  },
  placedAt,
).state;

/** The transition that executes each trigger. */
const transitions: Record<SagaTrigger, (order: Order) => ReturnType<typeof applyStockReserved>> = {
  'stock.reserved': (order) => applyStockReserved(order, now),
  'stock.rejected': (order) => applyStockRejected(order, { reason: 'out_of_stock', detail: '1 left' }, now),
  'stock.released': (order) => applyStockReleased(order, now),
  'charge.processed': (order) => applyCharge(order, { outcome: 'processed', paymentId: 'pay1' }, now),
  'charge.failed': (order) => applyCharge(order, { outcome: 'failed', reason: 'payment_declined' }, now),
  'charge.called-off': (order) => applyCharge(order, { outcome: 'called-off' }, now),
  cancel: (order) => cancelOrder(order, 'cancelled_by_buyer', now),
  timeout: (order) => expireOrder(order, placedAt, now),
  'refund.made': (order) => applyRefund(order, { outcome: 'refunded', paymentId: 'pay1' }, now),
  'refund.nothing': (order) => applyRefund(order, { outcome: 'nothing' }, now),
  'user.deleted': (order) => eraseBuyer(order, now),
};

const triggers = Object.keys(SAGA_TRIGGERS).filter((name): name is SagaTrigger => name in SAGA_TRIGGERS);

const labelOf = ({ status, stock, payment, buyer }: SagaState) => [status, stock, payment, buyer].join(' ');

/** One order for each state that real transitions reach from a new order. */
function findReachableOrders(): Map<string, Order> {
  const found = new Map([[labelOf(INITIAL_STATE), placed]]);
  // A Map iterates over the entries that are added on the way.
  for (const order of found.values()) {
    for (const trigger of triggers) {
      const next = tryTransition(order, trigger)?.state ?? order;
      const label = labelOf(toSagaState(next));
      if (!found.has(label)) found.set(label, next);
    }
  }
  return found;
}

/** Undefined where the transition is refused. */
function tryTransition(order: Order, trigger: SagaTrigger) {
  try {
    return transitions[trigger](order);
  } catch (error) {
    expect(error).toBeInstanceOf(OrderNotCancellable);
    return undefined;
  }
}

const reachable = findReachableOrders();
const cases = [...reachable].flatMap(([label, order]) =>
  triggers.map((trigger): [string, SagaTrigger, Order] => [label, trigger, order]),
);

test('a new order has the initial state', () => {
  expect(toSagaState(placed)).toEqual(INITIAL_STATE);
});

describe.each(cases)('%s, on %s', (_label, trigger, order) => {
  const state = toSagaState(order);
  const steps = ORDER_SAGA.filter(({ on, from }) => on === trigger && matches(state, from));
  const [step] = steps;
  const refused = SAGA_REFUSALS.some(({ on, from }) => on === trigger && matches(state, from));

  test('has one step at most, and none where it is refused', () => {
    expect(steps.length).toBeLessThanOrEqual(refused ? 0 : 1);
  });

  test('does what the table says, and nothing where it has no step', () => {
    const change = tryTransition(order, trigger);
    if (refused) {
      expect(change).toBeUndefined();
    } else if (step === undefined) {
      expect(change).toEqual({ state: order, events: [] });
    } else {
      expect(change && toSagaState(change.state)).toEqual({ ...state, ...step.to });
      expect(change?.events.map(({ eventType }) => eventType)).toEqual(step.emits);
      const added = change?.state.timeline.slice(order.timeline.length).map(({ event }) => event);
      expect(added).toEqual(step.timeline);
    }
  });

  test('changes nothing the second time', () => {
    const first = tryTransition(order, trigger);
    if (first !== undefined)
      expect(transitions[trigger](first.state)).toEqual({ state: first.state, events: [] });
  });
});

describe('the table', () => {
  const states = [...reachable.values()].map(toSagaState);

  test.each(ORDER_SAGA.map((step, index) => ({ index, on: step.on, step })))(
    'has no step that no order reaches: $index, $on',
    ({ step }) => {
      expect(states.filter((state) => matches(state, step.from))).not.toEqual([]);
    },
  );

  test('has a reason for each end of an order', () => {
    const withOwnReason: SagaTrigger[] = ['stock.rejected', 'charge.failed', 'cancel'];
    for (const { on, to, reason } of ORDER_SAGA) {
      const ends = to.status === 'rejected' || to.status === 'cancelled';
      expect(reason !== undefined || withOwnReason.includes(on)).toBe(ends || withOwnReason.includes(on));
    }
  });

  test('names as undone only forward steps', () => {
    for (const { undoes } of ORDER_SAGA.filter((step) => step.undoes !== undefined)) {
      const undone = ORDER_SAGA.filter(({ on }) => on === undoes);
      expect(undone).not.toEqual([]);
      for (const step of undone) expect(step.undoes).toBeUndefined();
    }
  });

  test('lets stock that an ended order reserved be released, and a charge be refunded', () => {
    for (const state of states.filter(({ status }) => status === 'rejected' || status === 'cancelled')) {
      const possible = ORDER_SAGA.filter(({ from }) => matches(state, from)).map(({ on }) => on);
      if (state.stock === 'reserved') expect(possible).toContain('stock.released');
      if (state.payment === 'charging') expect(possible).toContain('refund.made');
    }
  });
});

test.each([...reachable])('%s requires the payment call of the table', (_label, order) => {
  const calls = PAYMENT_CALLS.filter((required) => matches(toSagaState(order), required.in));
  expect({ charge: findTokenToCharge(order) !== undefined, refund: owesRefund(order) }).toEqual({
    charge: calls.some(({ call }) => call === 'charge'),
    refund: calls.some(({ call }) => call === 'refund'),
  });
});
