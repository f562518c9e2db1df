import { addOutbox, type Outboxed } from '@plaza/messaging';
import { Schema, Types, type Connection, type Model } from 'mongoose';
import { orderId, type Order, type OrderId } from '../domain/order.ts';

/** An order as MongoDB keeps it: the domain's own fields, and the outbox. */
export type OrderDocument = Outboxed & Omit<Order, 'id' | 'seq'>;

const { Mixed } = Schema.Types;

/** What a save may change. */
const CHANGING_FIELDS = {
  buyer: Mixed,
  status: String,
  reason: String,
  stock: String,
  payment: Mixed,
  timeline: [Mixed],
  updatedAt: Date,
} as const;

const STATE_FIELDS = { ...CHANGING_FIELDS, items: [Mixed], total: Mixed, createdAt: Date } as const;

export interface OrderModels {
  readonly orders: Model<OrderDocument>;
  /** The same model as the outbox knows it. */
  readonly outboxed: Model<Outboxed>;
}

export function orderModels(mongo: Connection): OrderModels {
  const schema = new Schema<OrderDocument>({ _id: String, ...STATE_FIELDS }, { versionKey: false });
  addOutbox(schema);
  schema.index({ createdAt: -1, _id: -1 });
  schema.index({ 'buyer.userId': 1, createdAt: -1, _id: -1 });
  schema.index({ status: 1, createdAt: 1 });
  schema.index({ 'payment.state': 1, status: 1, updatedAt: 1 });
  return { orders: mongo.model<OrderDocument>('Order', schema), outboxed: mongo.model<Outboxed>('Order') };
}

/** 24 hexadecimal digits that rise with time. */
export function newOrderId(): OrderId {
  return orderId(new Types.ObjectId().toHexString());
}
