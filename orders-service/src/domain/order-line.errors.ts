import { Invalid } from '@plaza/errors';

/** Several lines of one post add up to more pieces than one order may have. */
export class QuantityTooLarge extends Invalid {
  static override readonly code = 'quantity_too_large';
  static override readonly title = 'Quantity too large';
  static override readonly cause = 'The lines of one post add up to more than 1,000 pieces.';
  static override readonly remedy = 'Order fewer pieces.';

  constructor(posts: readonly string[]) {
    super(`An order takes at most 1,000 pieces of a post; the lines of ${posts.join(', ')} add up to more.`, {
      fields: [{ path: 'items', message: 'add up to more than 1,000 pieces of one post' }],
    });
  }
}
