import { Schema, type Connection, type Model } from 'mongoose';
import type { Claim } from '../domain/idempotency.ts';

export interface ClaimDocument extends Claim {
  /** The user's id and the key: keys of different people do not meet. */
  readonly _id: string;
}

export function claimModel(mongo: Connection): Model<ClaimDocument> {
  const schema = new Schema<ClaimDocument>(
    { _id: String, userId: String, key: String, fingerprint: String, orderId: String, expiresAt: Date },
    { versionKey: false, collection: 'idempotencykeys' },
  );
  schema.index({ userId: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return mongo.model<ClaimDocument>('IdempotencyKey', schema);
}
