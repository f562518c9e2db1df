import { Schema, type Connection, type Model } from 'mongoose';
import type { PaymentLedgerEntry } from '../domain/payment-ledger.repository.ts';

export interface PaymentLedgerDocument {
  /** The order's id. */
  readonly _id: string;
  readonly entry: PaymentLedgerEntry;
}

export function paymentLedgerModel(mongo: Connection): Model<PaymentLedgerDocument> {
  const schema = new Schema<PaymentLedgerDocument>(
    { _id: String, entry: Schema.Types.Mixed },
    { versionKey: false, collection: 'sandboxpayments' },
  );
  return mongo.model<PaymentLedgerDocument>('SandboxPayment', schema);
}
