import { addOutboxFields, type OutboxDocument } from '@plaza/messaging';
import { Schema, Types, type Connection, type Model } from 'mongoose';
import { toUserId, type UserId } from '../domain/user.ts';

/** A user as MongoDB keeps it. A tombstone has only what is in `OutboxDocument`. */
export interface UserDocument extends OutboxDocument {
  readonly username: string;
  readonly usernameKey: string;
  readonly email: string;
  readonly emailKey: string;
  readonly name: string;
  readonly bio: string;
  readonly preferences: {
    readonly locale: string;
    readonly theme: 'system' | 'light' | 'dark';
    readonly notifications: { readonly email: boolean; readonly push: boolean };
  };
  readonly passwordHash: string;
  readonly passwordVersion: number;
  readonly admin: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The fields that hold a user's state: what a save sets, and what a deletion takes away. */
export const STATE_FIELDS = {
  username: String,
  usernameKey: String,
  email: String,
  emailKey: String,
  name: String,
  bio: String,
  preferences: {
    locale: String,
    theme: String,
    notifications: { email: Boolean, push: Boolean },
  },
  passwordHash: String,
  passwordVersion: Number,
  admin: Boolean,
  createdAt: Date,
  updatedAt: Date,
} as const;

export interface UserModels {
  readonly users: Model<UserDocument>;
  /** The same model as the outbox knows it. */
  readonly outboxed: Model<OutboxDocument>;
}

export function userModels(mongo: Connection): UserModels {
  const schema = new Schema<UserDocument>({ _id: String, ...STATE_FIELDS }, { versionKey: false });
  addOutboxFields(schema);
  // Sparse: a tombstone has no keys, so that its names are free again.
  schema.index({ usernameKey: 1 }, { unique: true, sparse: true });
  schema.index({ emailKey: 1 }, { unique: true, sparse: true });
  return { users: mongo.model<UserDocument>('User', schema), outboxed: mongo.model<OutboxDocument>('User') };
}

/** 24 hexadecimal digits that rise with time. */
export function newUserId(): UserId {
  return toUserId(new Types.ObjectId().toHexString());
}
