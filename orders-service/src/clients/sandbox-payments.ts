import type { ChargeOutcome, PaymentProvider, RefundOutcome } from '../domain/payment.ts';
import type { LedgerEntry, SandboxLedger } from '../domain/sandbox-ledger.ts';

export interface SandboxPaymentsOptions {
  readonly ledger: SandboxLedger;
  readonly newPaymentId: () => string;
  /** What `tok_slow` waits for. Rejects when the signal aborts. */
  readonly dawdle: (signal: AbortSignal) => Promise<void>;
}

const TOKENS: ReadonlySet<string> = new Set(['tok_ok', 'tok_declined', 'tok_slow']);

/**
 * A payment provider that moves no money: `tok_ok` is honoured, `tok_declined` is not, `tok_slow` is honoured
 * after a while. Its ledger decides: the first entry of an order stands, so a charge or a refund that comes
 * again, from wherever, finds what was done.
 */
export function createSandboxPayments({
  ledger,
  newPaymentId,
  dawdle,
}: SandboxPaymentsOptions): PaymentProvider {
  return {
    accepts: (token) => TOKENS.has(token),

    charge: async ({ orderId, amount, token }, signal) => {
      const known = await ledger.find(orderId);
      if (known !== null) return chargeOutcome(known);
      if (token === 'tok_slow') await dawdle(signal);
      const entry: LedgerEntry =
        token === 'tok_declined'
          ? { state: 'failed', reason: 'payment_declined' }
          : { state: 'processed', paymentId: newPaymentId(), amount };
      return chargeOutcome(await ledger.enter(orderId, entry));
    },

    refund: async (orderId) => {
      const entry = await ledger.enter(orderId, { state: 'called-off' });
      if (entry.state === 'processed') await ledger.refund(orderId);
      return refundOutcome(entry);
    },
  };
}

/** A payment that has been refunded since is none to confirm an order by. */
function chargeOutcome(entry: LedgerEntry): ChargeOutcome {
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

function refundOutcome(entry: LedgerEntry): RefundOutcome {
  return entry.state === 'processed' || entry.state === 'refunded'
    ? { outcome: 'refunded', paymentId: entry.paymentId }
    : { outcome: 'nothing' };
}
