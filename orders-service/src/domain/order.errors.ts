import { Conflict, NotFound, Unavailable, type UnavailableReason } from '@plaza/errors';
import type { OrderStatus } from './order.ts';

/** There is no order of this id that the caller may know of. */
export class OrderNotFound extends NotFound {
  static override readonly code = 'order_not_found';
  static override readonly title = 'Order not found';
  static override readonly cause = 'The order does not exist, or belongs to another user.';
  static override readonly remedy = 'Check the id and the account.';
}

/** The order is confirmed or rejected: it is too late to cancel it. */
export class OrderNotCancellable extends Conflict {
  static override readonly code = 'order_not_cancellable';
  static override readonly title = 'Order not cancellable';
  static override readonly cause = 'The order is not pending any more.';
  static override readonly remedy = 'Read the order: only a pending one can be cancelled.';

  constructor(status: OrderStatus) {
    super(`Only a pending order can be cancelled; this one is ${status}.`);
  }
}

/** The order changed again and again while this change was being made. */
export class OrderChanged extends Conflict {
  static override readonly code = 'order_changed';
  static override readonly title = 'Order changed meanwhile';
  static override readonly cause = 'Other requests changed the order at the same time.';
  static override readonly remedy = 'Read the order again, then repeat the request.';

  constructor() {
    super('The order was changed by others at the same time; look at it again and try again.');
  }
}

/** As many clients follow orders here as one instance serves. */
export class TooManyStreams extends Unavailable {
  static override readonly code = 'too_many_streams';
  static override readonly title = 'Too many streams';
  static override readonly cause = 'This instance serves as many order streams as it can.';
  static override readonly remedy = 'Try again later, or poll GET /orders/:id.';
  static override readonly reasons: readonly UnavailableReason[] = ['stream_limit'];

  constructor() {
    super('Too many orders are being followed here; try again in a moment, or ask for the order itself.', {
      reason: 'stream_limit',
      retryAfter: 5,
    });
  }
}
