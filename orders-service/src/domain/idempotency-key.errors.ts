import { Unprocessable } from '@plaza/errors';

/** The key came with another request before. */
export class IdempotencyKeyReused extends Unprocessable {
  static override readonly code = 'idempotency_key_reused';
  static override readonly title = 'Idempotency key reused';
  static override readonly cause = 'The Idempotency-Key came with another request in the last 24 hours.';
  static override readonly remedy = 'Use a new key for a new request.';

  constructor() {
    super('This Idempotency-Key came with another request in the last 24 hours; take a new one.');
  }
}
