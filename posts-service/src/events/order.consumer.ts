import { on, type EventConsumer } from '@plaza/messaging';
import { z } from 'zod';
import { toPostId } from '../domain/post.ts';
import { toReservationOrderId } from '../domain/reservation.ts';
import type { ReservationsService } from '../domain/reservations.service.ts';

const item = z.object({ postId: z.string().min(1), quantity: z.int().min(1) });
const placed = z.object({ orderId: z.string().min(1), items: z.array(item).min(1) });
const decided = placed.pick({ orderId: true });

/** Reserves stock for orders, gives it back, and lets go of what is sold. */
export function orderConsumer(reservations: ReservationsService): EventConsumer {
  const release = on(decided, ({ data }, { signal }) =>
    reservations.release(toReservationOrderId(data.orderId), signal),
  );
  return {
    exchange: 'order_events',
    events: {
      'order.created': on(placed, ({ data }, { signal }) => {
        const items = data.items.map(({ postId: id, quantity }) => ({ postId: toPostId(id), quantity }));
        return reservations.reserve(toReservationOrderId(data.orderId), items, signal);
      }),
      'order.confirmed': on(decided, ({ data }, { signal }) =>
        reservations.consume(toReservationOrderId(data.orderId), signal),
      ),
      'order.rejected': release,
      'order.cancelled': release,
    },
  };
}
