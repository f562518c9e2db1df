import { Unavailable } from '@plaza/errors';

/** Too many failures in a row: no call is made until the reset timeout has passed. */
export class CircuitOpen extends Unavailable {
  static override readonly code = 'circuit_open';
  static override readonly title = 'Circuit open';
}

/** As many calls as are allowed are under way, and the queue is full. */
export class BulkheadFull extends Unavailable {
  static override readonly code = 'bulkhead_full';
  static override readonly title = 'Too many calls at once';
}

/** No answer came in time. */
export class DeadlineExceeded extends Unavailable {
  static override readonly code = 'deadline_exceeded';
  static override readonly title = 'Deadline exceeded';
}
