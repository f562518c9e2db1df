import type { Model } from 'mongoose';
import type { PaymentLedgerEntry, PaymentLedgerRepository } from '../domain/payment-ledger.repository.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';
import type { PaymentLedgerDocument } from './payment-ledger.model.ts';

export function createPaymentLedgerRepository(model: Model<PaymentLedgerDocument>): PaymentLedgerRepository {
  const findByOrder = async (orderId: string): Promise<PaymentLedgerEntry | null> =>
    (await model.findById(orderId).lean())?.entry ?? null;

  return {
    findByOrder,

    insertIfAbsent: async (orderId, entry) => {
      if (await insertIfAbsent(() => model.create({ _id: orderId, entry }))) return entry;
      return (await findByOrder(orderId)) ?? entry;
    },

    markRefunded: async (orderId) => {
      await model.updateOne(
        { _id: orderId, 'entry.state': 'processed' },
        { $set: { 'entry.state': 'refunded' } },
      );
    },
  };
}
