import { addOutboxFields, type OutboxDocument } from '@plaza/messaging';
import { Schema, Types, type Connection, type Model } from 'mongoose';
import { toOrderId, type Order, type OrderId } from '../domain/order.ts';

/** An order as MongoDB keeps it: the domain's own fields, and the outbox. */
export type OrderDocument = OutboxDocument & Omit<Order, 'id' | 'seq'>;

const { Mixed } = Schema.Types;

/** What a save may change. */
const MUTABLE_FIELDS = {
  buyer: Mixed,
  status: String,
  reason: String,
  stock: String,
  payment: Mixed,
  timeline: [Mixed],
  updatedAt: Date,
} as const;

const STATE_FIELDS = { ...MUTABLE_FIELDS, items: [Mixed], total: Mixed, createdAt: Date } as const;

export interface OrderModels {
  readonly orders: Model<OrderDocument>;
  /** The same model as the outbox knows it. */
  readonly outboxed: Model<OutboxDocument>;
}

export function orderModels(mongo: Connection): OrderModels {
  const schema = new Schema<OrderDocument>({ _id: String, ...STATE_FIELDS }, { versionKey: false });
  addOutboxFields(schema);
  schema.index({ createdAt: -1, _id: -1 });
  schema.index({ 'buyer.userId': 1, createdAt: -1, _id: -1 });
  schema.index({ status: 1, createdAt: 1 });
  schema.index({ 'payment.state': 1, status: 1, updatedAt: 1 });
  return {
    orders: mongo.model<OrderDocument>('Order', schema),
    outboxed: mongo.model<OutboxDocument>('Order'),
  };
}

/** 24 hexadecimal digits that rise with time. */
export function newOrderId(): OrderId {
  return toOrderId(new Types.ObjectId().toHexString());
}
