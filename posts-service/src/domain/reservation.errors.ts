import { Conflict } from '@plaza/errors';

/** An order was confirmed for which nothing is reserved: the two services know different pasts. */
export class NothingReserved extends Conflict {
  static override readonly code = 'nothing_reserved';
  static override readonly title = 'Nothing reserved';

  constructor(orderId: string) {
    super(`Nothing is reserved for the order ${orderId}.`);
  }
}
