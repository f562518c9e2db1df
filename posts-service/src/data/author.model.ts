import { Schema, type Connection, type Model } from 'mongoose';

/** The copy of an author. A tombstone has `_id`, `seq` and `deletedAt`, and stays for ever. */
export interface AuthorDocument {
  readonly _id: string;
  /** Of the event that this is from; 0 where the users service was asked. */
  readonly seq: number;
  readonly name?: string;
  readonly email?: string;
  readonly deletedAt?: Date;
}

export function authorModel(mongo: Connection): Model<AuthorDocument> {
  const schema = new Schema<AuthorDocument>(
    { _id: String, seq: { type: Number, required: true }, name: String, email: String, deletedAt: Date },
    { versionKey: false },
  );
  return mongo.model<AuthorDocument>('Author', schema);
}
