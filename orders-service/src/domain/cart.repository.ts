import type { BuyerId } from './buyer.ts';
import type { Cart } from './cart.ts';

/** Where carts are kept. One that nobody touches for 30 days goes. */
export interface CartRepository {
  findByUser(userId: BuyerId): Promise<Cart | null>;
  /** Also a new one (`seq` 0). False where another writer was first: read again and decide again. */
  save(cart: Cart): Promise<boolean>;
  remove(userId: BuyerId): Promise<void>;
}
