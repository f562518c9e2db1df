import { Schema, type Connection, type Model } from 'mongoose';

export interface RevocationDocument {
  /** The session's. */
  readonly _id: string;
  readonly endedAt: Date;
  readonly until: Date;
}

export function revocationModel(mongo: Connection): Model<RevocationDocument> {
  const schema = new Schema<RevocationDocument>(
    { _id: String, endedAt: Date, until: Date },
    { versionKey: false },
  );
  schema.index({ endedAt: 1, _id: 1 });
  schema.index({ until: 1 }, { expireAfterSeconds: 0 });
  return mongo.model<RevocationDocument>('Revocation', schema);
}
