import type { ChargeOutcome, PaymentProvider, RefundOutcome } from '../domain/payment.ts';
import type { PaymentLedgerEntry, PaymentLedgerRepository } from '../domain/payment-ledger.repository.ts';

export interface FakePaymentProviderOptions {
  readonly ledger: PaymentLedgerRepository;
  readonly newPaymentId: () => string;
  /** What `tok_slow` waits for. Rejects when the signal aborts. */
  readonly delay: (signal: AbortSignal) => Promise<void>;
}

const TOKENS: ReadonlySet<string> = new Set(['tok_ok', 'tok_declined', 'tok_slow']);

/**
 * A payment provider that moves no money: `tok_ok` is honoured, `tok_declined` is not, `tok_slow` is honoured
 * after a while. Its ledger decides: the first entry of an order stands, so a charge or a refund that comes
 * again, from wherever, finds what was done.
 */
export function createFakePaymentProvider({
  ledger,
  newPaymentId,
  delay,
}: FakePaymentProviderOptions): PaymentProvider {
  return {
    accepts: (token) => TOKENS.has(token),

    charge: async ({ orderId, amount, token }, signal) => {
      const known = await ledger.findByOrder(orderId);
      if (known !== null) return toChargeOutcome(known);
      if (token === 'tok_slow') await delay(signal);
      const entry: PaymentLedgerEntry =
        token === 'tok_declined'
          ? { state: 'failed', reason: 'payment_declined' }
          : { state: 'processed', paymentId: newPaymentId(), amount };
      return toChargeOutcome(await ledger.insertIfAbsent(orderId, entry));
    },

    refund: async (orderId) => {
      const entry = await ledger.insertIfAbsent(orderId, { state: 'called-off' });
      if (entry.state === 'processed') await ledger.markRefunded(orderId);
      return toRefundOutcome(entry);
    },
  };
}

/** A payment that has been refunded since is none to confirm an order by. */
function toChargeOutcome(entry: PaymentLedgerEntry): ChargeOutcome {
  switch (entry.state) {
    case 'processed':
      return { outcome: 'processed', paymentId: entry.paymentId };
    case 'failed':
      return { outcome: 'failed', reason: entry.reason };
    case 'refunded':
    case 'called-off':
      return { outcome: 'called-off' };
  }
}

function toRefundOutcome(entry: PaymentLedgerEntry): RefundOutcome {
  return entry.state === 'processed' || entry.state === 'refunded'
    ? { outcome: 'refunded', paymentId: entry.paymentId }
    : { outcome: 'nothing' };
}
