import { Conflict, NotFound, Unavailable } from '@plaza/errors';
import type { OrderStatus } from './order.ts';

/** There is no order of this id that the caller may know of. */
export class OrderNotFound extends NotFound {
  static override readonly code = 'order_not_found';
  static override readonly title = 'Order not found';
}

/** The order is confirmed or rejected: it is too late to cancel it. */
export class OrderNotCancellable extends Conflict {
  static override readonly code = 'order_not_cancellable';
  static override readonly title = 'Order not cancellable';

  constructor(status: OrderStatus) {
    super(`Only a pending order can be cancelled; this one is ${status}.`);
  }
}

/** The order changed again and again while this change was being made. */
export class OrderChanged extends Conflict {
  static override readonly code = 'order_changed';
  static override readonly title = 'Order changed meanwhile';

  constructor() {
    super('The order was changed by others at the same time; look at it again and try again.');
  }
}

/** As many clients follow orders here as one instance serves. */
export class TooManyStreams extends Unavailable {
  static override readonly code = 'too_many_streams';
  static override readonly title = 'Too many streams';

  constructor() {
    super('Too many orders are being followed here; try again in a moment, or ask for the order itself.', {
      retryAfter: 5,
    });
  }
}
