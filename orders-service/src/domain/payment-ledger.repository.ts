import type { Money } from './money.ts';
import type { OrderId } from './order.ts';

/** What the sandbox provider has done for an order. `called-off`: a refund came before any charge. */
export type PaymentLedgerEntry =
  | {
      readonly state: 'processed' | 'refunded';
      readonly paymentId: string;
      readonly amount: Money;
    }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'called-off' };

/** The sandbox provider's books: one entry an order, and the first one stands. */
export interface PaymentLedgerRepository {
  findByOrder(orderId: OrderId): Promise<PaymentLedgerEntry | null>;
  /** Writes the entry where there is none; answers the one that stands. */
  insertIfAbsent(orderId: OrderId, entry: PaymentLedgerEntry): Promise<PaymentLedgerEntry>;
  /** Turns `processed` into `refunded`, and nothing else. */
  markRefunded(orderId: OrderId): Promise<void>;
}
