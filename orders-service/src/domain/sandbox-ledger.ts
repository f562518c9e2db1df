import type { Money } from './money.ts';
import type { OrderId } from './order.ts';

/** What the sandbox provider has done for an order. `called-off`: a refund came before any charge. */
export type LedgerEntry =
  | {
      readonly state: 'processed' | 'refunded';
      readonly paymentId: string;
      readonly amount: Money;
    }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'called-off' };

/** The sandbox provider's books: one entry an order, and the first one stands. */
export interface SandboxLedger {
  find(orderId: OrderId): Promise<LedgerEntry | null>;
  /** Writes the entry where there is none; answers the one that stands. */
  enter(orderId: OrderId, entry: LedgerEntry): Promise<LedgerEntry>;
  /** Turns `processed` into `refunded`, and nothing else. */
  refund(orderId: OrderId): Promise<void>;
}
