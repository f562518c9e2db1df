import type { Money } from './money.ts';
import type { OrderId } from './order.ts';

/** What a charge came to. `called-off`: a refund was asked for first, so nothing is taken any more. */
export type ChargeOutcome =
  | { readonly outcome: 'processed'; readonly paymentId: string }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'called-off' };

/** What a refund came to. `nothing`: nothing was taken, and nothing will be. */
export type RefundOutcome =
  { readonly outcome: 'refunded'; readonly paymentId: string } | { readonly outcome: 'nothing' };

export interface Charge {
  readonly orderId: OrderId;
  readonly amount: Money;
  /** What the buyer's client was given for the means of payment. */
  readonly token: string;
}

/**
 * The payment provider. Both calls may be repeated by any replica: an order is charged once and refunded once, and a
 * refund prevents a charge that has not been made yet.
 */
export interface PaymentProvider {
  /** Whether a token is one of the provider's; says nothing of whether it will be honoured. */
  accepts(token: string): boolean;
  /** The signal ends the wait for the outcome; it does not undo a charge. */
  charge(charge: Charge, signal: AbortSignal): Promise<ChargeOutcome>;
  refund(orderId: OrderId): Promise<RefundOutcome>;
}
