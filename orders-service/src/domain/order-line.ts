import type { Money } from './money.ts';
import { QuantityTooLarge } from './order-line.errors.ts';

export type ProductId = string & { readonly brand: 'ProductId' };

/** Takes a text for a post's id; whether there is such a post, its own service knows. */
export function toProductId(id: string): ProductId;
export function toProductId(id: string): string {
  return id;
}

/** A post and the quantity that a buyer wants. */
export interface RequestedLine {
  readonly postId: ProductId;
  readonly quantity: number;
}

/** The same with the title and the price of the moment at which it was asked for. */
export interface OrderLine extends RequestedLine {
  readonly title: string;
  readonly unitPrice: Money;
}

export const MAX_LINES = 50;
export const MAX_QUANTITY = 1_000;

/**
 * One line a post, in the order of their first mention, with the sum of its quantities.
 * @throws {QuantityTooLarge} that names the posts with more than 1,000 pieces.
 */
export function mergeLines(lines: readonly RequestedLine[]): RequestedLine[] {
  const quantities = new Map<ProductId, number>();
  for (const { postId, quantity } of lines) quantities.set(postId, (quantities.get(postId) ?? 0) + quantity);
  const merged = [...quantities].map(([postId, quantity]) => ({ postId, quantity }));
  const tooLarge = merged.filter(({ quantity }) => quantity > MAX_QUANTITY);
  if (tooLarge.length > 0) throw new QuantityTooLarge(tooLarge.map(({ postId }) => postId));
  return merged;
}
