import { Unprocessable } from '@plaza/errors';

/** The prices are in several currencies; an order has one. */
export class MixedCurrencies extends Unprocessable {
  static override readonly code = 'mixed_currencies';
  static override readonly title = 'Mixed currencies';
  static override readonly cause = 'The prices are in several currencies.';
  static override readonly remedy = 'Order the posts of each currency apart.';

  constructor(currencies: readonly string[]) {
    super(`One order has one currency, and these prices are in ${currencies.join(' and ')}.`);
  }
}

/** The total is more than can be counted exactly. */
export class TotalTooLarge extends Unprocessable {
  static override readonly code = 'total_too_large';
  static override readonly title = 'Total too large';
  static override readonly cause = 'The total is larger than an order may be.';
  static override readonly remedy = 'Order fewer pieces.';

  constructor() {
    super('The total is larger than an order may be.');
  }
}
