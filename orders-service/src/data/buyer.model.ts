import { Schema, type Connection, type Model } from 'mongoose';
import type { BuyerId } from '../domain/buyer.ts';

/** Our copy of a user: a name, or that they are gone. */
export interface BuyerDocument {
  readonly _id: BuyerId;
  /** Of the newest event that this knows. */
  readonly seq: number;
  readonly name?: string;
  readonly goneSince?: Date;
  /** Set while traces may be left. */
  readonly toErase?: true;
}

export function buyerModel(mongo: Connection): Model<BuyerDocument> {
  const schema = new Schema<BuyerDocument>(
    { _id: String, seq: { type: Number, required: true }, name: String, goneSince: Date, toErase: Boolean },
    { versionKey: false },
  );
  schema.index({ toErase: 1 }, { sparse: true });
  return mongo.model<BuyerDocument>('Buyer', schema);
}
