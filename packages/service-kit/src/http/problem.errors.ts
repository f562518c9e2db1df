import { Invalid, NotFound, PlazaError, type ErrorDetails } from '@plaza/errors';

/** The request does not parse: broken JSON, a bad escape in the path, an aborted body. */
export class MalformedRequest extends Invalid {
  static override readonly code = 'malformed_request';
  static override readonly title = 'Malformed request';
  static override readonly cause =
    'The request cannot be parsed: broken JSON, a bad escape in the path, an aborted body.';
  static override readonly remedy = 'Send well-formed HTTP and JSON.';
}

/** The request parses and says something that its schema does not allow; `errors` names each field. */
export class ValidationFailed extends Invalid {
  static override readonly code = 'validation_failed';
  static override readonly title = 'Validation failed';
  static override readonly cause = 'The request does not match the schema of the endpoint.';
  static override readonly remedy = 'Correct the fields that `errors` names; /docs has the schema.';
}

/** No route has this path. */
export class RouteNotFound extends NotFound {
  static override readonly code = 'route_not_found';
  static override readonly title = 'No such route';
  static override readonly cause = 'No route has this path.';
  static override readonly remedy = 'Use a path that /docs lists.';
}

/** The path exists for other methods; `Allow` names them. */
export class MethodNotAllowed extends PlazaError {
  static override readonly kind = 'invalid';
  static override readonly code = 'method_not_allowed';
  static override readonly title = 'Method not allowed';
  static override readonly cause = 'The path exists for other methods.';
  static override readonly remedy = 'Use a method that the header Allow names.';
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
  static override readonly cause = 'The request did not arrive completely in time.';
  static override readonly remedy = 'Send the request faster, or in smaller parts.';
}

/** The request's address is longer than is read. */
export class UriTooLong extends Invalid {
  static override readonly code = 'uri_too_long';
  static override readonly title = 'Address too long';
  static override readonly cause = 'The path and query are longer than the server reads.';
  static override readonly remedy = 'Shorten the query, or send it as a body.';
}

/** The request's headers are longer than is read. */
export class HeadersTooLarge extends Invalid {
  static override readonly code = 'headers_too_large';
  static override readonly title = 'Headers too large';
  static override readonly cause = 'The headers are longer than 16 kB.';
  static override readonly remedy = 'Send fewer or shorter headers and cookies.';
}

/** The body is longer than is read. */
export class PayloadTooLarge extends Invalid {
  static override readonly code = 'payload_too_large';
  static override readonly title = 'Payload too large';
  static override readonly cause = 'The body is longer than the endpoint accepts.';
  static override readonly remedy = 'Send a shorter body.';
}

/** The body is not the kind of document that is read here. */
export class UnsupportedMediaType extends Invalid {
  static override readonly code = 'unsupported_media_type';
  static override readonly title = 'Unsupported media type';
  static override readonly cause = 'The endpoint does not read this content type or encoding.';
  static override readonly remedy = 'Send application/json in UTF-8.';
}

/** A defect of ours. The cause is in the log under the request's id, never in the answer. */
export class InternalError extends PlazaError {
  static override readonly kind = 'unavailable';
  static override readonly code = 'internal_error';
  static override readonly title = 'Internal server error';
  static override readonly cause = 'The service has a defect.';
  static override readonly remedy = 'Report the requestId; the log line request_failed has the stack.';
}
