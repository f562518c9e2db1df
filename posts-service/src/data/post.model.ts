import { addOutboxFields, type OutboxDocument } from '@plaza/messaging';
import { Schema, Types, type Connection, type Model } from 'mongoose';
import { toPostId, type PostId } from '../domain/post.ts';
import type { PostDocument } from './post.document.ts';

/** The fields that a deletion takes away. */
export const STATE_FIELDS = {
  authorId: String,
  title: String,
  content: String,
  tags: { type: [String], default: undefined },
  status: String,
  offer: { price: { amount: Number, currency: String }, stock: Number },
  reservations: { type: [{ _id: false, orderId: String, quantity: Number, at: Date }], default: undefined },
  createdAt: Date,
  updatedAt: Date,
} as const;

export interface PostModels {
  readonly posts: Model<PostDocument>;
  /** The same model as the outbox knows it. */
  readonly outboxed: Model<OutboxDocument>;
}

export function postModels(mongo: Connection): PostModels {
  const schema = new Schema<PostDocument>({ _id: String, ...STATE_FIELDS }, { versionKey: false });
  addOutboxFields(schema);
  schema.index({ authorId: 1, _id: -1 });
  schema.index({ tags: 1, _id: -1 });
  schema.index({ 'reservations.at': 1 }, { sparse: true });
  schema.index(
    { title: 'text', tags: 'text', content: 'text' },
    { weights: { title: 10, tags: 5, content: 1 }, default_language: 'english' },
  );
  return { posts: mongo.model<PostDocument>('Post', schema), outboxed: mongo.model<OutboxDocument>('Post') };
}

/** 24 hexadecimal digits that rise with time. */
export function newPostId(): PostId {
  return toPostId(new Types.ObjectId().toHexString());
}
