import { Invalid, NotFound, PlazaError, type ErrorDetails } from '@plaza/errors';

/** The request does not parse: broken JSON, a bad escape in the path, an aborted body. */
export class MalformedRequest extends Invalid {
  static override readonly code = 'malformed_request';
  static override readonly title = 'Malformed request';
}

/** The request parses and says something that its schema does not allow; `errors` names each field. */
export class ValidationFailed extends Invalid {
  static override readonly code = 'validation_failed';
  static override readonly title = 'Validation failed';
}

/** No route has this path. */
export class RouteNotFound extends NotFound {
  static override readonly code = 'route_not_found';
  static override readonly title = 'No such route';
}

/** The path exists for other methods; `Allow` names them. */
export class MethodNotAllowed extends PlazaError {
  static override readonly kind = 'invalid';
  static override readonly code = 'method_not_allowed';
  static override readonly title = 'Method not allowed';
  readonly allow: readonly string[];

  constructor(method: string, allow: readonly string[], details?: ErrorDetails) {
    super(
      `${method} is not allowed here; ${allow.join(', ')} ${allow.length === 1 ? 'is' : 'are'}.`,
      details,
    );
    this.allow = allow;
  }
}

/** The request did not arrive in full in time. */
export class RequestTimeout extends Invalid {
  static override readonly code = 'request_timeout';
  static override readonly title = 'Request timeout';
}

/** The request's address is longer than is read. */
export class UriTooLong extends Invalid {
  static override readonly code = 'uri_too_long';
  static override readonly title = 'Address too long';
}

/** The request's headers are longer than is read. */
export class HeadersTooLarge extends Invalid {
  static override readonly code = 'headers_too_large';
  static override readonly title = 'Headers too large';
}

/** The body is longer than is read. */
export class PayloadTooLarge extends Invalid {
  static override readonly code = 'payload_too_large';
  static override readonly title = 'Payload too large';
}

/** The body is not the kind of document that is read here. */
export class UnsupportedMediaType extends Invalid {
  static override readonly code = 'unsupported_media_type';
  static override readonly title = 'Unsupported media type';
}

/** A defect of ours. The cause is in the log under the request's id, never in the answer. */
export class InternalError extends PlazaError {
  static override readonly kind = 'unavailable';
  static override readonly code = 'internal_error';
  static override readonly title = 'Internal server error';
}
