import { describe, expect, test } from '@jest/globals';
import { toBuyerId } from '../src/domain/buyer.ts';
import { toProductId } from '../src/domain/order-line.ts';
import {
  cancelOrder,
  applyCharge,
  eraseBuyer,
  expireOrder,
  applyRefund,
  applyStockRejected,
  applyStockReleased,
  applyStockReserved,
  isSettled,
  isTerminal,
  owesRefund,
} from '../src/domain/order-transitions.ts';
import { OrderNotCancellable } from '../src/domain/order.errors.ts';
import { toInitialOrder, toOrderId, placeOrder, type Order } from '../src/domain/order.ts';

const placedAt = new Date('2026-01-01T12:00:00Z');
const now = new Date('2026-01-01T12:01:00Z');
const ada = { userId: toBuyerId('ada'), name: 'Ada' };
const lamp = {
  postId: toProductId('p1'),
  title: 'Lamp',
  quantity: 2,
  unitPrice: { amount: 1250, currency: 'EUR' },
};

const placed = placeOrder(
  { id: toOrderId('o1'), buyer: ada, items: [lamp], paymentToken: 'tok_ok' },
  placedAt,
);

/** What may come in, each with one of its contents. */
const moves = {
  'stock.reserved': (order: Order) => applyStockReserved(order, now),
  'stock.rejected': (order: Order) =>
    applyStockRejected(order, { reason: 'out_of_stock', detail: 'Lamp: 2 wanted, 1 left' }, now),
  'stock.released': (order: Order) => applyStockReleased(order, now),
  'charge ok': (order: Order) => applyCharge(order, { outcome: 'processed', paymentId: 'pay1' }, now),
  'charge declined': (order: Order) =>
    applyCharge(order, { outcome: 'failed', reason: 'payment_declined' }, now),
  'charge called off': (order: Order) => applyCharge(order, { outcome: 'called-off' }, now),
  cancel: (order: Order) => cancelOrder(order, 'cancelled_by_buyer', now),
  'two minutes': (order: Order) => expireOrder(order, placedAt, now),
  'refund made': (order: Order) => applyRefund(order, { outcome: 'refunded', paymentId: 'pay1' }, now),
  'nothing to refund': (order: Order) => applyRefund(order, { outcome: 'nothing' }, now),
  'account deleted': (order: Order) => eraseBuyer(order, now),
};
type Move = keyof typeof moves;

/** The order after some moves, and all events on the way. */
function after(...names: Move[]) {
  return names.reduce(
    ({ state, events }, name) => {
      const change = moves[name](state);
      return { state: change.state, events: [...events, ...change.events.map(({ eventType }) => eventType)] };
    },
    { state: placed.state, events: ['order.created'] },
  );
}

const steps = ({ timeline }: Order) => timeline.map(({ event }) => event);

describe('a new order', () => {
  test('is pending, has its total, and asks for its pieces', () => {
    expect(placed.state).toMatchObject({ status: 'pending', total: { amount: 2500, currency: 'EUR' } });
    expect(placed.events).toEqual([
      {
        eventType: 'order.created',
        data: {
          orderId: 'o1',
          userId: 'ada',
          items: [{ postId: 'p1', quantity: 2, unitPrice: { amount: 1250, currency: 'EUR' } }],
          total: { amount: 2500, currency: 'EUR' },
        },
      },
    ]);
  });
});

/** Ways through the saga: what comes in, and how the order then stands, what it says and what it tells. */
const ways: [
  Move[],
  Partial<Record<'status' | 'reason' | 'stock' | 'payment', string>>,
  string[],
  string[],
][] = [
  [
    ['stock.reserved'],
    { status: 'pending', stock: 'reserved', payment: 'charging' },
    ['order.created', 'stock.reserved'],
    ['order.created'],
  ],
  [
    ['stock.reserved', 'charge ok'],
    { status: 'confirmed', stock: 'reserved', payment: 'processed' },
    ['order.created', 'stock.reserved', 'payment.processed', 'order.confirmed'],
    ['order.created', 'payment.processed', 'order.confirmed'],
  ],
  [
    ['stock.reserved', 'charge declined'],
    { status: 'rejected', reason: 'payment_declined', payment: 'failed' },
    ['order.created', 'stock.reserved', 'payment.failed', 'order.rejected'],
    ['order.created', 'payment.failed', 'order.rejected'],
  ],
  [
    ['stock.reserved', 'charge declined', 'stock.released'],
    { status: 'rejected', reason: 'payment_declined', stock: 'released' },
    ['order.created', 'stock.reserved', 'payment.failed', 'order.rejected', 'stock.released'],
    ['order.created', 'payment.failed', 'order.rejected'],
  ],
  [
    ['stock.rejected'],
    { status: 'rejected', reason: 'out_of_stock', stock: 'rejected', payment: 'none' },
    ['order.created', 'stock.rejected', 'order.rejected'],
    ['order.created', 'order.rejected'],
  ],
  [
    ['cancel'],
    { status: 'cancelled', reason: 'cancelled_by_buyer', payment: 'none' },
    ['order.created', 'order.cancelled'],
    ['order.created', 'order.cancelled'],
  ],
  [
    ['cancel', 'stock.reserved', 'stock.released'],
    { status: 'cancelled', stock: 'released', payment: 'none' },
    ['order.created', 'order.cancelled', 'stock.released'],
    ['order.created', 'order.cancelled'],
  ],
  [
    ['stock.reserved', 'cancel', 'charge ok'],
    { status: 'cancelled', payment: 'charging' },
    ['order.created', 'stock.reserved', 'order.cancelled'],
    ['order.created', 'order.cancelled'],
  ],
  [
    ['stock.reserved', 'cancel', 'charge ok', 'refund made'],
    { status: 'cancelled', reason: 'cancelled_by_buyer', payment: 'refunded' },
    ['order.created', 'stock.reserved', 'order.cancelled', 'payment.processed', 'payment.refunded'],
    ['order.created', 'order.cancelled', 'payment.processed', 'payment.refunded'],
  ],
  [
    ['stock.reserved', 'cancel', 'nothing to refund', 'charge called off'],
    { status: 'cancelled', payment: 'none' },
    ['order.created', 'stock.reserved', 'order.cancelled'],
    ['order.created', 'order.cancelled'],
  ],
  [
    ['two minutes'],
    { status: 'cancelled', reason: 'timed_out', payment: 'none' },
    ['order.created', 'order.cancelled'],
    ['order.created', 'order.cancelled'],
  ],
  [
    ['stock.reserved', 'two minutes', 'refund made'],
    { status: 'cancelled', reason: 'timed_out', payment: 'refunded' },
    ['order.created', 'stock.reserved', 'order.cancelled', 'payment.processed', 'payment.refunded'],
    ['order.created', 'order.cancelled', 'payment.processed', 'payment.refunded'],
  ],
  [
    ['stock.released'],
    { status: 'rejected', reason: 'stock_released', stock: 'released', payment: 'none' },
    ['order.created', 'stock.released', 'order.rejected'],
    ['order.created', 'order.rejected'],
  ],
  [
    ['stock.reserved', 'stock.released', 'refund made'],
    { status: 'rejected', reason: 'stock_released', payment: 'refunded' },
    [
      'order.created',
      'stock.reserved',
      'stock.released',
      'order.rejected',
      'payment.processed',
      'payment.refunded',
    ],
    ['order.created', 'order.rejected', 'payment.processed', 'payment.refunded'],
  ],
  [
    ['account deleted'],
    { status: 'cancelled', reason: 'account_deleted', payment: 'none' },
    ['order.created', 'order.cancelled'],
    ['order.created', 'order.cancelled'],
  ],
];

describe.each(ways)('%j', (names, stands, timeline, events) => {
  const way = after(...names);

  test('leads to where it should', () => {
    const { status, reason, stock, payment } = way.state;
    expect({ status, reason, stock, payment: payment.state }).toMatchObject(stands);
  });

  test('stands in the timeline, and only what others need is told', () => {
    expect(steps(way.state)).toEqual(timeline);
    expect(way.events).toEqual(events);
  });
});

describe('whatever has happened', () => {
  const states: Move[][] = [[], ...ways.map(([names]) => names)];

  test.each(states.map((names) => [names]))(
    'after %j every event that comes again changes nothing',
    (names) => {
      const { state } = after(...names);
      for (const name of names) expect(moves[name](state)).toEqual({ state, events: [] });
    },
  );

  const ended = states.filter((names) => isSettled(after(...names).state));
  test.each(ended.map((names) => [names]))('after %j nothing changes how the order ended', (names) => {
    const { state } = after(...names);
    for (const [name, move] of Object.entries(moves)) {
      if (name === 'cancel' && state.status !== 'cancelled') continue; // refused: see below
      const change = move(state);
      expect(change.events).toEqual([]);
      expect(change.state).toMatchObject({ status: state.status, payment: state.payment });
    }
  });
});

describe('the story of an order', () => {
  test.each<[string, Move[], boolean]>([
    ['pending', ['stock.reserved'], false],
    ['confirmed', ['stock.reserved', 'charge ok'], true],
    ['rejected for want of stock', ['stock.rejected'], true],
    ['rejected with pieces still kept for it', ['stock.reserved', 'charge declined'], false],
    ['rejected, its pieces back', ['stock.reserved', 'charge declined', 'stock.released'], true],
  ])('of one that is %s', (_name, names, over) => {
    expect(isTerminal(after(...names).state)).toBe(over);
  });
});

describe('cancelling', () => {
  test.each<[string, Move[]]>([
    ['confirmed', ['stock.reserved', 'charge ok']],
    ['rejected', ['stock.rejected']],
  ])('is refused in words for an order that is %s', (status, names) => {
    expect(() => after(...names, 'cancel')).toThrow(OrderNotCancellable);
    expect(() => after(...names, 'cancel')).toThrow(`this one is ${status}`);
  });

  test('twice keeps the first reason', () => {
    expect(cancelOrder(after('cancel').state, 'cancelled_by_admin', now).state.reason).toBe(
      'cancelled_by_buyer',
    );
  });
});

test('an order is not late before its deadline', () => {
  const justBefore = new Date(placedAt.getTime() - 1);
  expect(expireOrder(placed.state, justBefore, now).state).toBe(placed.state);
});

describe('a deleted account', () => {
  test.each<[Move[]]>([[[]], [['stock.reserved', 'charge ok']], [['stock.rejected']], [['cancel']]])(
    'leaves no buyer on an order after %j',
    (names) => {
      const { state } = after(...names, 'account deleted');
      expect(state.buyer).toBeNull();
      expect(JSON.stringify(state)).not.toMatch(/ada/i);
    },
  );

  test('keeps the buyer until what was taken is back, for that is news of theirs', () => {
    const owing = after('stock.reserved', 'account deleted').state;
    expect(owesRefund(owing)).toBe(true);
    expect(owing.buyer).toEqual(ada);
    const { state, events } = after('stock.reserved', 'account deleted', 'refund made', 'account deleted');
    expect(state.buyer).toBeNull();
    expect(events.at(-1)).toBe('payment.refunded');
  });

  test('is part of the event of the cancellation', () => {
    expect(moves['account deleted'](placed.state).events).toEqual([
      { eventType: 'order.cancelled', data: { orderId: 'o1', userId: 'ada', reason: 'account_deleted' } },
    ]);
  });
});

test('the payment token is gone once nothing is charged by it any more', () => {
  for (const [names] of ways) {
    const { state } = after(...names);
    if (isSettled(state)) expect(JSON.stringify(state)).not.toContain('tok_ok');
  }
});

test('an order can be told of as it was when it was placed', () => {
  expect(toInitialOrder(after('stock.reserved', 'charge declined', 'stock.released').state)).toMatchObject({
    status: 'pending',
    timeline: placed.state.timeline,
    updatedAt: placed.state.createdAt,
    items: placed.state.items,
  });
  expect(toInitialOrder(after('cancel').state)).not.toHaveProperty('reason');
});
