import { Unavailable, type UnavailableReason } from '@plaza/errors';

/** Too many failures in a row: no call is made until the reset timeout has passed. */
export class CircuitOpen extends Unavailable {
  static override readonly code = 'circuit_open';
  static override readonly title = 'Circuit open';
  static override readonly cause = 'The circuit breaker is open: the last calls to this service failed.';
  static override readonly remedy =
    'Wait for the seconds in Retry-After. Operators: find out why the service fails.';
  static override readonly reasons: readonly UnavailableReason[] = ['breaker_open'];
}

/** As many calls as are allowed are under way, and the queue is full. */
export class BulkheadFull extends Unavailable {
  static override readonly code = 'bulkhead_full';
  static override readonly title = 'Too many calls at once';
  static override readonly cause =
    'As many calls as allowed are running, and the queue is full or its wait was too long.';
  static override readonly remedy =
    "Wait for the seconds in Retry-After. Operators: add instances or raise the bulkhead's limit.";
  static override readonly reasons: readonly UnavailableReason[] = ['queue_full', 'queue_timeout'];
}

/** No answer came in time. */
export class DeadlineExceeded extends Unavailable {
  static override readonly code = 'deadline_exceeded';
  static override readonly title = 'Deadline exceeded';
  static override readonly cause = 'The call did not end within its deadline.';
  static override readonly remedy = 'Try again later. Operators: check why the service is slow.';
  static override readonly reasons: readonly UnavailableReason[] = ['response_timeout'];
}
