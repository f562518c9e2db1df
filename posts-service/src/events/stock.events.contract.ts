import type { EventContract } from '@plaza/messaging';
import { z } from 'zod';
import type { StockEvent } from '../domain/reservation.events.ts';

const held = z.strictObject({
  orderId: z.string(),
  items: z.array(z.strictObject({ postId: z.string(), quantity: z.int().min(1) })),
});

const example = {
  orderId: '6b0391a24f88f0abc8c334a1',
  items: [{ postId: '6b0390cf4f88f0abc8c334a0', quantity: 2 }],
};

export const stockEvents: EventContract<StockEvent> = {
  exchange: 'post_events',
  source: 'posts-service',
  events: {
    'stock.reserved': { summary: 'All that an order asks for is kept for it.', data: held, example },
    'stock.rejected': {
      summary: 'Nothing is kept for an order: `items` names what there is not enough of.',
      data: z.strictObject({
        orderId: z.string(),
        reason: z.string(),
        items: z.array(z.strictObject({ postId: z.string(), wanted: z.int(), left: z.int() })),
      }),
      example: {
        orderId: example.orderId,
        reason: 'out_of_stock',
        items: [{ postId: '6b0390cf4f88f0abc8c334a0', wanted: 2, left: 1 }],
      },
    },
    'stock.released': {
      summary: 'What was kept for an order is there for others again.',
      data: held,
      example,
    },
  },
};
