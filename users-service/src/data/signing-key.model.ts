import { Schema, type Connection, type Model } from 'mongoose';

export interface SigningKeyDocument {
  /** The generation: unique as an id, with no index to wait for. */
  readonly _id: number;
  readonly pem: string;
  readonly createdAt: Date;
}

export function signingKeyModel(mongo: Connection): Model<SigningKeyDocument> {
  const schema = new Schema<SigningKeyDocument>(
    { _id: Number, pem: String, createdAt: Date },
    { versionKey: false },
  );
  return mongo.model<SigningKeyDocument>('SigningKey', schema, 'signing_keys');
}
