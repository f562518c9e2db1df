import type { Money } from './money.ts';
import { QuantityTooLarge } from './line.errors.ts';

export type PostId = string & { readonly brand: 'PostId' };

/** Takes a text for a post's id; whether there is such a post, its own service knows. */
export function postId(id: string): PostId;
export function postId(id: string): string {
  return id;
}

/** What somebody wants to have. */
export interface WantedLine {
  readonly postId: PostId;
  readonly quantity: number;
}

/** The same with the title and the price of the moment at which it was asked for. */
export interface OrderLine extends WantedLine {
  readonly title: string;
  readonly unitPrice: Money;
}

export const MOST_LINES = 50;
export const MOST_PIECES = 1_000;

/**
 * One line a post, in the order of their first mention, with the sum of its quantities.
 * @throws {QuantityTooLarge} that names the posts with more than 1,000 pieces.
 */
export function mergeLines(lines: readonly WantedLine[]): WantedLine[] {
  const quantities = new Map<PostId, number>();
  for (const { postId, quantity } of lines) quantities.set(postId, (quantities.get(postId) ?? 0) + quantity);
  const merged = [...quantities].map(([postId, quantity]) => ({ postId, quantity }));
  const tooLarge = merged.filter(({ quantity }) => quantity > MOST_PIECES);
  if (tooLarge.length > 0) throw new QuantityTooLarge(tooLarge.map(({ postId }) => postId));
  return merged;
}
