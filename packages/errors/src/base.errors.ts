import { PlazaError, type ErrorDetails } from './plaza-error.ts';
import type { UnavailableReason } from './unavailable-reason.ts';

/** Details of an error that answers 502, 503 or 504: the code that throws it states the reason. */
export type UnavailableDetails = ErrorDetails & { readonly reason: UnavailableReason };

/** The input breaks a rule that can be named. */
export class Invalid extends PlazaError {
  static override readonly kind = 'invalid';
  static override readonly code: string = 'invalid';
  static override readonly title: string = 'Invalid input';
  static override readonly cause: string = 'The input breaks a rule of this endpoint.';
  static override readonly remedy: string = 'Correct the input as the message says.';
}

/** The caller is not signed in, or the credentials are invalid. */
export class Unauthorized extends PlazaError {
  static override readonly kind = 'unauthorized';
  static override readonly code: string = 'unauthorized';
  static override readonly title: string = 'Unauthorized';
  static override readonly cause: string = 'The request has no token, or its token is not valid.';
  static override readonly remedy: string = 'Sign in again and send the new access token.';
}

/** The signed-in caller may not do this. */
export class Forbidden extends PlazaError {
  static override readonly kind = 'forbidden';
  static override readonly code: string = 'forbidden';
  static override readonly title: string = 'Forbidden';
  static override readonly cause: string = 'The user is signed in and has no permission for this.';
  static override readonly remedy: string = 'Use an account that has the permission.';
}

/** There is no such thing, or the caller may not know of it. */
export class NotFound extends PlazaError {
  static override readonly kind = 'not-found';
  static override readonly code: string = 'not_found';
  static override readonly title: string = 'Not found';
  static override readonly cause: string = 'The resource does not exist, or the caller may not see it.';
  static override readonly remedy: string = 'Check the id.';
}

/** The state that the caller assumed is not the state that is. */
export class Conflict extends PlazaError {
  static override readonly kind = 'conflict';
  static override readonly code: string = 'conflict';
  static override readonly title: string = 'Conflict';
  static override readonly cause: string = 'The state of the resource is another than the caller assumed.';
  static override readonly remedy: string = 'Read the resource again, then repeat the request.';
}

/** Well-formed and understood, and still not to be carried out. */
export class Unprocessable extends PlazaError {
  static override readonly kind = 'unprocessable';
  static override readonly code: string = 'unprocessable';
  static override readonly title: string = 'Unprocessable';
  static override readonly cause: string = 'The input is well-formed, and a rule of the domain forbids it.';
  static override readonly remedy: string = 'Correct the input as the message says.';
}

/** The caller asks too often; `details.retryAfter` says when to come back. */
export class TooManyRequests extends PlazaError {
  static override readonly kind = 'too-many';
  static override readonly code: string = 'too_many_requests';
  static override readonly title: string = 'Too many requests';
  static override readonly cause: string = 'The caller sends too many requests.';
  static override readonly remedy: string = 'Wait for the seconds in Retry-After.';
}

/** Something that this needs is away; nothing is wrong with the request. */
export class Unavailable extends PlazaError {
  static override readonly kind = 'unavailable';
  static override readonly code: string = 'unavailable';
  static override readonly title: string = 'Service unavailable';
  static override readonly cause: string =
    'A dependency of the service cannot be used; `reason` and `dependency` name it.';
  static override readonly remedy: string =
    'Wait for the seconds in Retry-After. Operators: see /health of the service that answers.';
  /** The reasons that it may have. */
  static readonly reasons: readonly UnavailableReason[] = ['dependency_down', 'keys_not_loaded'];

  readonly reason: UnavailableReason;

  constructor(message: string | undefined, details: UnavailableDetails) {
    super(message, details);
    this.reason = details.reason;
  }
}
