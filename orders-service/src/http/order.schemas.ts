import { pageSchema } from '@plaza/service-kit';
import { z } from 'zod';
import { toProductId, MAX_LINES, MAX_QUANTITY } from '../domain/order-line.ts';
import { ORDER_STATUSES, type Order, type OrderTimelineEntry } from '../domain/order.ts';
import { moneyView } from './money.schemas.ts';

/** What is paid with where nothing is said. */
const DEFAULT_PAYMENT_TOKEN = 'tok_ok';

const line = z.strictObject({
  postId: z.string().min(1).max(64).transform(toProductId).meta({ example: '6745c1f2a4b8d91e3c7f5a02' }),
  quantity: z.int().min(1).max(MAX_QUANTITY),
});

const payment = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Sandbox: tok_ok, tok_declined, tok_slow', example: DEFAULT_PAYMENT_TOKEN }),
  })
  .default({ token: DEFAULT_PAYMENT_TOKEN });

export const orderBody = z
  .strictObject({ items: z.array(line).min(1).max(MAX_LINES), payment })
  .meta({ id: 'NewOrder' });

export const checkoutBody = z
  .strictObject({ payment })
  .default({ payment: { token: DEFAULT_PAYMENT_TOKEN } })
  .meta({ id: 'Checkout' });

export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .max(255)
    .regex(/^[\x21-\x7e]+$/, 'takes 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'Repeats within 24 hours get the first answer again, and make no second order' }),
});

/** Any text is an id that might exist: what is none of ours is simply not found. */
export const orderParams = z.strictObject({ id: z.string() });
export const buyerParams = z.strictObject({ id: z.string() });

const status = z.enum(ORDER_STATUSES);

export const timelineEntryView = z
  .strictObject({
    at: z.iso.datetime(),
    status,
    event: z.string().meta({ example: 'order.created' }),
    detail: z.string().optional(),
  })
  .meta({ id: 'OrderStep' });

export const orderView = z
  .strictObject({
    id: z.string().meta({ example: '6745c1f2a4b8d91e3c7f5a03' }),
    _id: z.string().meta({ description: 'The same as id' }),
    userId: z.string().nullable().meta({ description: 'Null once the account is deleted' }),
    buyer: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
    items: z.array(
      z.strictObject({ postId: z.string(), title: z.string(), unitPrice: moneyView, quantity: z.int() }),
    ),
    total: moneyView,
    status,
    reason: z.string().optional().meta({ example: 'payment_declined' }),
    timeline: z.array(timelineEntryView),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' });

export const orderPage = pageSchema(orderView);

/** Where a page ends. */
export const cursor = z.object({ createdAt: z.coerce.date(), id: z.string() });

export function toTimelineEntryView({
  at,
  status,
  event,
  detail,
}: OrderTimelineEntry): z.input<typeof timelineEntryView> {
  return { at: at.toISOString(), status, event, ...(detail === undefined ? {} : { detail }) };
}

export function toOrderView(order: Order): z.input<typeof orderView> {
  const { id, buyer, items, total, status, reason, timeline, createdAt, updatedAt } = order;
  return {
    id,
    _id: id,
    userId: buyer?.userId ?? null,
    buyer: buyer === null ? null : { id: buyer.userId, name: buyer.name },
    items: items.map(({ postId, title, unitPrice, quantity }) => ({ postId, title, unitPrice, quantity })),
    total,
    status,
    ...(reason === undefined ? {} : { reason }),
    timeline: timeline.map(toTimelineEntryView),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
