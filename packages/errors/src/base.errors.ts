import { PlazaError } from './plaza-error.ts';

/** The input breaks a rule that can be named. */
export class Invalid extends PlazaError {
  static override readonly kind = 'invalid';
  static override readonly code: string = 'invalid';
  static override readonly title: string = 'Invalid input';
}

/** The caller is not signed in, or the credentials are invalid. */
export class Unauthorized extends PlazaError {
  static override readonly kind = 'unauthorized';
  static override readonly code: string = 'unauthorized';
  static override readonly title: string = 'Unauthorized';
}

/** The signed-in caller may not do this. */
export class Forbidden extends PlazaError {
  static override readonly kind = 'forbidden';
  static override readonly code: string = 'forbidden';
  static override readonly title: string = 'Forbidden';
}

/** There is no such thing, or the caller may not know of it. */
export class NotFound extends PlazaError {
  static override readonly kind = 'not-found';
  static override readonly code: string = 'not_found';
  static override readonly title: string = 'Not found';
}

/** The state that the caller assumed is not the state that is. */
export class Conflict extends PlazaError {
  static override readonly kind = 'conflict';
  static override readonly code: string = 'conflict';
  static override readonly title: string = 'Conflict';
}

/** Well-formed and understood, and still not to be carried out. */
export class Unprocessable extends PlazaError {
  static override readonly kind = 'unprocessable';
  static override readonly code: string = 'unprocessable';
  static override readonly title: string = 'Unprocessable';
}

/** The caller asks too often; `details.retryAfter` says when to come back. */
export class TooManyRequests extends PlazaError {
  static override readonly kind = 'too-many';
  static override readonly code: string = 'too_many_requests';
  static override readonly title: string = 'Too many requests';
}

/** Something that this needs is away; nothing is wrong with the request. */
export class Unavailable extends PlazaError {
  static override readonly kind = 'unavailable';
  static override readonly code: string = 'unavailable';
  static override readonly title: string = 'Service unavailable';
}
