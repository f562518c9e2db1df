import { Schema, type Connection, type Model } from 'mongoose';
import type { LedgerEntry } from '../domain/sandbox-ledger.ts';

export interface LedgerDocument {
  /** The order's id. */
  readonly _id: string;
  readonly entry: LedgerEntry;
}

export function sandboxLedgerModel(mongo: Connection): Model<LedgerDocument> {
  const schema = new Schema<LedgerDocument>(
    { _id: String, entry: Schema.Types.Mixed },
    { versionKey: false, collection: 'sandboxpayments' },
  );
  return mongo.model<LedgerDocument>('SandboxPayment', schema);
}
