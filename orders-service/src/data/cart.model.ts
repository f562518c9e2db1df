import { Schema, type Connection, type Model } from 'mongoose';
import type { BuyerId } from '../domain/buyer.ts';
import type { Cart } from '../domain/cart.ts';

export interface CartDocument extends Omit<Cart, 'userId'> {
  readonly _id: BuyerId;
  readonly updatedAt: Date;
}

const CART_TTL_SECONDS = 30 * 24 * 60 * 60;

export function cartModel(mongo: Connection): Model<CartDocument> {
  const schema = new Schema<CartDocument>(
    {
      _id: String,
      seq: { type: Number, required: true },
      orderId: { type: String, required: true },
      items: [Schema.Types.Mixed],
      updatedAt: Date,
    },
    { versionKey: false },
  );
  schema.index({ updatedAt: 1 }, { expireAfterSeconds: CART_TTL_SECONDS });
  return mongo.model<CartDocument>('Cart', schema);
}
