import { TooManyRequests } from '@plaza/errors';

/** More requests than the limit of the address or of the user allows; `Retry-After` says when the window ends. */
export class RateLimitExceeded extends TooManyRequests {
  static override readonly code = 'rate_limit_exceeded';
  static override readonly title = 'Too many requests';
}
