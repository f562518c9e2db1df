import { z } from 'zod';
import type { PricedCart } from '../domain/carts.service.ts';
import { MAX_QUANTITY, toProductId } from '../domain/order-line.ts';
import { moneyView } from './money.schemas.ts';

export const itemParams = z.strictObject({ postId: z.string().min(1).max(64).transform(toProductId) });

export const itemBody = z
  .strictObject({ quantity: z.int().min(1).max(MAX_QUANTITY) })
  .meta({ id: 'CartItemQuantity' });

export const cartView = z
  .strictObject({
    items: z.array(
      z.strictObject({
        postId: z.string(),
        title: z.string(),
        unitPrice: moneyView,
        quantity: z.int(),
        available: z.literal(false).optional().meta({ description: 'Where it cannot be ordered any more' }),
      }),
    ),
    total: moneyView
      .nullable()
      .meta({ description: 'Of what can be ordered; null where that is nothing, or of several currencies' }),
    partial: z
      .literal(true)
      .optional()
      .meta({ description: 'Where current prices are not to be had: these are those of earlier' }),
  })
  .meta({ id: 'Cart' });

export function toCartView({ items, total, partial }: PricedCart): z.input<typeof cartView> {
  return {
    items: items.map(({ postId, title, unitPrice, quantity, available }) => ({
      postId,
      title,
      unitPrice,
      quantity,
      ...(available ? {} : { available }),
    })),
    total,
    ...(partial ? { partial } : {}),
  };
}
