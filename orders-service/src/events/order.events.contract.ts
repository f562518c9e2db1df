import type { EventContract } from '@plaza/messaging';
import { z } from 'zod';
import type { OrderEvent } from '../domain/order.events.ts';

const money = z.strictObject({ amount: z.int().min(0), currency: z.string().length(3) });
const order = z.strictObject({ orderId: z.string(), userId: z.string() });
const ended = order.extend({ reason: z.string() });
const payment = order.extend({ paymentId: z.string(), amount: money });
const placed = order.extend({
  items: z.array(z.strictObject({ postId: z.string(), quantity: z.int().min(1), unitPrice: money })),
  total: money,
});

const example = { orderId: '6b0391a24f88f0abc8c334a1', userId: '6b0391004f88f0abc8c334a2' };
const paid = {
  ...example,
  paymentId: 'pay_6b0391a24f88f0abc8c334a1',
  amount: { amount: 2500, currency: 'EUR' },
};

export const orderEvents: EventContract<OrderEvent> = {
  exchange: 'order_events',
  source: 'orders-service',
  events: {
    'order.created': {
      summary: 'An order was placed, at the prices of that moment. Stock is asked for by it.',
      data: placed,
      example: {
        ...example,
        items: [
          { postId: '6b0390cf4f88f0abc8c334a0', quantity: 2, unitPrice: { amount: 1250, currency: 'EUR' } },
        ],
        total: { amount: 2500, currency: 'EUR' },
      },
    },
    'order.confirmed': { summary: 'An order is reserved and paid.', data: order, example },
    'order.rejected': {
      summary: 'An order came to nothing: no stock, or no payment. What was reserved goes back.',
      data: ended,
      example: { ...example, reason: 'payment_declined' },
    },
    'order.cancelled': {
      summary:
        'An order was called off by its buyer, by time, or because the buyer is gone. What was reserved goes back.',
      data: ended,
      example: { ...example, reason: 'cancelled_by_buyer' },
    },
    'payment.processed': { summary: 'An order was paid.', data: payment, example: paid },
    'payment.failed': {
      summary: 'A payment was declined.',
      data: ended,
      example: { ...example, reason: 'payment_declined' },
    },
    'payment.refunded': { summary: 'A payment went back to the buyer.', data: payment, example: paid },
  },
};
