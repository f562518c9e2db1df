import { z } from 'zod';
import { MAX_AMOUNT, MAX_STOCK, type Offer } from '../domain/post.ts';

/** ISO 4217, as the runtime's own tables (ICU) have it. */
const currencies = new Set(Intl.supportedValuesOf('currency'));

const price = z
  .strictObject({
    amount: z.int().min(1).max(MAX_AMOUNT).meta({ description: 'Minor units', example: 1250 }),
    currency: z
      .string()
      .refine((code) => currencies.has(code), 'is no currency of ISO 4217')
      .meta({ example: 'EUR' }),
  })
  .meta({ id: 'Money' });

const stock = z.int().min(0).max(MAX_STOCK);

export const offerBody = z
  .strictObject({
    price,
    stock: stock.meta({ description: 'Pieces to be had from now on, besides what is reserved for orders' }),
  })
  .meta({ id: 'Offer' });

export const offerPatch = z
  .strictObject({ price: price.optional(), stock: stock.optional() })
  .refine((changes) => Object.keys(changes).length > 0, 'name price or stock')
  .nullable()
  .meta({ description: 'A part of the offer; null withdraws it' });

export const offerView = z.strictObject({
  price,
  /** May be more than an author can set: what is cancelled comes on top. */
  stock: z.int().min(0).meta({ description: 'Pieces to be had now' }),
});

export function toOfferView({ price, stock }: Offer): z.input<typeof offerView> {
  return { price: { ...price }, stock };
}
