import { describe, expect, test } from '@jest/globals';
import { toPostId } from '../src/domain/post.ts';
import {
  createReservation,
  confirmReservation,
  consumeReservation,
  isStable,
  toReservationOrderId,
  rejectReservation,
  releaseReservation,
  completeReservation,
  type Reservation,
} from '../src/domain/reservation.ts';

const now = new Date('2026-01-01T00:00:00Z');
const [lamp, chair] = [toPostId('a'), toPostId('b')];
const order = toReservationOrderId('1');
const items = [
  { postId: lamp, quantity: 1 },
  { postId: chair, quantity: 2 },
];
const refusal = { reason: 'out_of_stock', shortages: [{ postId: lamp, wanted: 1, left: 0 }] } as const;

const begun = createReservation(order, items, now).state;
const reserved = confirmReservation(begun, now).state;
const rejecting = rejectReservation(begun, refusal, now).state;
const consuming = consumeReservation(reserved, now).state;
const consumed = completeReservation(consuming, now).state;
const releasing = releaseReservation(reserved, now).state;

test('a reservation has each post once, in the order in which all orders take', () => {
  const again = createReservation(order, [...items.toReversed(), { postId: lamp, quantity: 4 }], now).state;
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
    ['rejected', completeReservation(rejecting, now).state, 'rejected'],
    ['releasing', releasing, 'releasing'],
    ['released', completeReservation(releasing, now).state, 'released'],
  ])('when its order ends while it is %s', (status, reservation, next) => {
    expect(reservation.status).toBe(status);
    expect(releaseReservation(reservation, now).state.status).toBe(next);
  });

  test.each<[string, Reservation, string, string[]]>([
    ['rejecting', rejecting, 'rejected', ['stock.rejected']],
    ['abandoning', releaseReservation(begun, now).state, 'released', []],
    ['releasing', releasing, 'released', ['stock.released']],
    ['consuming', consuming, 'consumed', []],
  ])('when the posts are written while it is %s, and what is told', (status, reservation, next, events) => {
    expect(reservation.status).toBe(status);
    expect(isStable(reservation)).toBe(false);
    const change = completeReservation(reservation, now);
    expect(change.state.status).toBe(next);
    expect(isStable(change.state)).toBe(true);
    expect(told(change)).toEqual(events);
  });

  test('when its order is confirmed: only what is reserved is sold', () => {
    expect(consuming.status).toBe('consuming');
    for (const other of [rejecting, consumed, releasing, completeReservation(releasing, now).state]) {
      expect(consumeReservation(other, now).state).toBe(other);
    }
  });
});

test('says why an order gets nothing', () => {
  expect(completeReservation(rejecting, now).events).toEqual([
    {
      eventType: 'stock.rejected',
      data: { orderId: order, reason: 'out_of_stock', items: [{ postId: lamp, wanted: 1, left: 0 }] },
    },
  ]);
});
