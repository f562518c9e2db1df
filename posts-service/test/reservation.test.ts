import { describe, expect, test } from '@jest/globals';
import { postId } from '../src/domain/post.ts';
import {
  begin,
  complete,
  consume,
  isAtRest,
  orderId,
  refuse,
  release,
  settle,
  type Reservation,
} from '../src/domain/reservation.ts';

const now = new Date('2026-01-01T00:00:00Z');
const [lamp, chair] = [postId('a'), postId('b')];
const order = orderId('1');
const items = [
  { postId: lamp, quantity: 1 },
  { postId: chair, quantity: 2 },
];
const refusal = { reason: 'out_of_stock', shortages: [{ postId: lamp, wanted: 1, left: 0 }] } as const;

const begun = begin(order, items, now).state;
const reserved = complete(begun, now).state;
const rejecting = refuse(begun, refusal, now).state;
const consuming = consume(reserved, now).state;
const consumed = settle(consuming, now).state;
const releasing = release(reserved, now).state;

test('a reservation has each post once, in the order in which all orders take', () => {
  const again = begin(order, [...items.toReversed(), { postId: lamp, quantity: 4 }], now).state;
  expect(again.items).toEqual([
    { postId: lamp, quantity: 5 },
    { postId: chair, quantity: 2 },
  ]);
});

describe('where it goes', () => {
  const told = ({ events }: { events: readonly { eventType: string }[] }) =>
    events.map(({ eventType }) => eventType);

  test.each<[string, Reservation, string]>([
    ['reserving', begun, 'abandoning'],
    ['reserved', reserved, 'releasing'],
    ['consuming', consuming, 'consuming'],
    ['consumed', consumed, 'consumed'],
    ['rejecting', rejecting, 'rejecting'],
    ['rejected', settle(rejecting, now).state, 'rejected'],
    ['releasing', releasing, 'releasing'],
    ['released', settle(releasing, now).state, 'released'],
  ])('when its order ends while it is %s', (status, reservation, next) => {
    expect(reservation.status).toBe(status);
    expect(release(reservation, now).state.status).toBe(next);
  });

  test.each<[string, Reservation, string, string[]]>([
    ['rejecting', rejecting, 'rejected', ['stock.rejected']],
    ['abandoning', release(begun, now).state, 'released', []],
    ['releasing', releasing, 'released', ['stock.released']],
    ['consuming', consuming, 'consumed', []],
  ])('when the posts are written while it is %s, and what is told', (status, reservation, next, events) => {
    expect(reservation.status).toBe(status);
    expect(isAtRest(reservation)).toBe(false);
    const change = settle(reservation, now);
    expect(change.state.status).toBe(next);
    expect(isAtRest(change.state)).toBe(true);
    expect(told(change)).toEqual(events);
  });

  test('when its order is confirmed: only what is reserved is sold', () => {
    expect(consuming.status).toBe('consuming');
    for (const other of [rejecting, consumed, releasing, settle(releasing, now).state]) {
      expect(consume(other, now).state).toBe(other);
    }
  });
});

test('says why an order gets nothing', () => {
  expect(settle(rejecting, now).events).toEqual([
    {
      eventType: 'stock.rejected',
      data: { orderId: order, reason: 'out_of_stock', items: [{ postId: lamp, wanted: 1, left: 0 }] },
    },
  ]);
});
