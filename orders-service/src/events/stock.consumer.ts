import { on, type EventConsumer } from '@plaza/messaging';
import { z } from 'zod';
import type { OrderSagaService } from '../domain/order-saga.service.ts';

const ofOrder = z.object({ orderId: z.string().min(1) });

const rejected = ofOrder.extend({
  reason: z.string().min(1),
  items: z.array(z.object({ postId: z.string(), wanted: z.int().min(0), left: z.int().min(0) })),
});

/** A slow payment holds its message for seconds: others are not to wait for it. */
const PREFETCH = 100;

/** What the posts service answers to an order. */
export function stockConsumer(saga: OrderSagaService): EventConsumer {
  return {
    exchange: 'post_events',
    prefetch: PREFETCH,
    events: {
      'stock.reserved': on(ofOrder, ({ data }, { signal }) => saga.onStockReserved(data.orderId, signal)),
      'stock.rejected': on(rejected, ({ data }) => saga.onStockRejected(data.orderId, data)),
      'stock.released': on(ofOrder, ({ data }) => saga.onStockReleased(data.orderId)),
    },
  };
}
