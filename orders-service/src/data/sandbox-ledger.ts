import type { Model } from 'mongoose';
import type { LedgerEntry, SandboxLedger } from '../domain/sandbox-ledger.ts';
import { insertedFirst } from '@plaza/service-kit/mongo';
import type { LedgerDocument } from './sandbox-ledger.model.ts';

export function createSandboxLedger(model: Model<LedgerDocument>): SandboxLedger {
  const find = async (orderId: string): Promise<LedgerEntry | null> =>
    (await model.findById(orderId).lean())?.entry ?? null;

  return {
    find,

    enter: async (orderId, entry) => {
      if (await insertedFirst(() => model.create({ _id: orderId, entry }))) return entry;
      return (await find(orderId)) ?? entry;
    },

    refund: async (orderId) => {
      await model.updateOne(
        { _id: orderId, 'entry.state': 'processed' },
        { $set: { 'entry.state': 'refunded' } },
      );
    },
  };
}
