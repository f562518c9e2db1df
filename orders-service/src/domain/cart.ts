import type { BuyerId } from './buyer.ts';
import { CartFull } from './cart.errors.ts';
import { MAX_LINES, type OrderLine, type ProductId } from './order-line.ts';
import { calculateTotal } from './money.ts';
import type { OrderId } from './order.ts';

/**
 * The posts that a user has put aside to order. `orderId` is that of the order which this content makes: it
 * changes with the content, so that a checkout which is repeated makes no second order.
 */
export interface Cart {
  readonly userId: BuyerId;
  readonly seq: number;
  readonly orderId: OrderId;
  /** With the titles and prices of when they were put there. */
  readonly items: readonly OrderLine[];
}

/**
 * Adds posts, or sets their quantities anew; `orderId` is a new one.
 * @throws {CartFull} {MixedCurrencies} {TotalTooLarge}
 */
export function putItems(cart: Cart, lines: readonly OrderLine[], orderId: OrderId): Cart {
  const items = new Map(cart.items.map((line) => [line.postId, line]));
  for (const line of lines) items.set(line.postId, line);
  if (items.size > MAX_LINES) throw new CartFull();
  calculateTotal([...items.values()]);
  return { ...cart, items: [...items.values()], orderId };
}

/** The same cart where the post is not in it. */
export function removeItem(cart: Cart, postId: ProductId, orderId: OrderId): Cart {
  const items = cart.items.filter((line) => line.postId !== postId);
  return items.length === cart.items.length ? cart : { ...cart, items, orderId };
}

/** Empties a cart whose content became an order; one that has changed since is left alone. */
export function emptyAfterCheckout(cart: Cart, ordered: OrderId, orderId: OrderId): Cart {
  return cart.orderId === ordered ? { ...cart, items: [], orderId } : cart;
}
