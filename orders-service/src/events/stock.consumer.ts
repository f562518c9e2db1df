import { on, type Consumer } from '@plaza/messaging';
import { z } from 'zod';
import type { Saga } from '../domain/saga.service.ts';

const ofOrder = z.object({ orderId: z.string().min(1) });

const rejected = ofOrder.extend({
  reason: z.string().min(1),
  items: z.array(z.object({ postId: z.string(), wanted: z.int().min(0), left: z.int().min(0) })),
});

/** A slow payment holds its message for seconds: others are not to wait for it. */
const PREFETCH = 100;

/** What the keeper of the stock answers to an order. */
export function stockConsumer(saga: Saga): Consumer {
  return {
    exchange: 'post_events',
    prefetch: PREFETCH,
    events: {
      'stock.reserved': on(ofOrder, ({ data }, { signal }) => saga.stockReserved(data.orderId, signal)),
      'stock.rejected': on(rejected, ({ data }) => saga.stockRejected(data.orderId, data)),
      'stock.released': on(ofOrder, ({ data }) => saga.stockReleased(data.orderId)),
    },
  };
}
