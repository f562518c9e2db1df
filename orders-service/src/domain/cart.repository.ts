import type { BuyerId } from './buyer.ts';
import type { Cart } from './cart.ts';

/** Stores carts. A cart without a change for 30 days is removed. */
export interface CartRepository {
  findByUser(userId: BuyerId): Promise<Cart | null>;
  /** Also a new one (`seq` 0). False where another writer was first: read again and decide again. */
  save(cart: Cart): Promise<boolean>;
  remove(userId: BuyerId): Promise<void>;
}
