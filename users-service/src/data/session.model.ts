import { Schema, type Connection, type Model } from 'mongoose';

export interface SessionDocument {
  readonly _id: string;
  readonly userId: string;
  readonly passwordVersion: number;
  readonly tokenHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export function sessionModel(mongo: Connection): Model<SessionDocument> {
  const schema = new Schema<SessionDocument>(
    {
      _id: String,
      userId: String,
      passwordVersion: Number,
      tokenHash: String,
      createdAt: Date,
      expiresAt: Date,
    },
    { versionKey: false },
  );
  schema.index({ userId: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return mongo.model<SessionDocument>('Session', schema);
}
