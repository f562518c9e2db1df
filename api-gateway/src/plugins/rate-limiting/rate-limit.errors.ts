import { TooManyRequests } from '@plaza/errors';

/** More requests than the limit of the address or of the user allows; `Retry-After` says when the window ends. */
export class RateLimitExceeded extends TooManyRequests {
  static override readonly code = 'rate_limit_exceeded';
  static override readonly title = 'Too many requests';
  static override readonly cause =
    'The address or the user sent more requests than its limit in the current window.';
  static override readonly remedy =
    'Wait for the seconds in Retry-After, or raise the limit of the rate-limiting plugin.';
}
