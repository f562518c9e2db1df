import { Conflict } from '@plaza/errors';

/** An order was confirmed for which nothing is reserved: the two services know different pasts. */
export class NothingReserved extends Conflict {
  static override readonly code = 'nothing_reserved';
  static override readonly title = 'Nothing reserved';
  static override readonly cause =
    'An order was confirmed for which posts has no reservation: the two services disagree.';
  static override readonly remedy = "Compare the order's timeline with the dead letter of this event.";

  constructor(orderId: string) {
    super(`Nothing is reserved for the order ${orderId}.`);
  }
}
