import { Schema, type Connection, type Model } from 'mongoose';
import type { IdempotencyKey } from '../domain/idempotency-key.ts';

export interface IdempotencyKeyDocument extends IdempotencyKey {
  /** The user's id and the key: keys of different people do not meet. */
  readonly _id: string;
}

export function idempotencyKeyModel(mongo: Connection): Model<IdempotencyKeyDocument> {
  const schema = new Schema<IdempotencyKeyDocument>(
    { _id: String, userId: String, key: String, fingerprint: String, orderId: String, expiresAt: Date },
    { versionKey: false, collection: 'idempotencykeys' },
  );
  schema.index({ userId: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return mongo.model<IdempotencyKeyDocument>('IdempotencyKey', schema);
}
