import { NotFound, Unavailable, type ErrorDetails } from '@plaza/errors';

/** Seconds: two heartbeats of an instance, one that was missed and one that was not. */
const RETRY_AFTER = 10;

/** There is no instance of a service to ask. */
export class NoInstance extends Unavailable {
  static override readonly code = 'no_instance';
  static override readonly title = 'Service unavailable';

  constructor(service: string, details: ErrorDetails = {}) {
    super(`${service} is not there: no instance of it is ready.`, { retryAfter: RETRY_AFTER, ...details });
  }
}

/** The instance refused the connection, broke it, or answered with what is no HTTP. */
export class BadGateway extends Unavailable {
  static override readonly code = 'bad_gateway';
  static override readonly title = 'Bad gateway';
}

/** The instance did not take the connection or did not answer in time. */
export class GatewayTimeout extends Unavailable {
  static override readonly code = 'gateway_timeout';
  static override readonly title = 'Gateway timeout';
}

/** A route without a service matched, and none of its plugins answered. */
export class NoService extends Unavailable {
  static override readonly code = 'no_service';
  static override readonly title = 'Service unavailable';
}

/** No route leads to a service of that name. */
export class UnknownService extends NotFound {
  static override readonly code = 'unknown_service';
  static override readonly title = 'Unknown service';
}
