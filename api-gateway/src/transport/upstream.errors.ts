import { NotFound, Unavailable, type UnavailableDetails, type UnavailableReason } from '@plaza/errors';

/** Seconds: two heartbeats of an instance, one that was missed and one that was not. */
const RETRY_AFTER = 10;

/** There is no instance of a service to ask. */
export class NoInstance extends Unavailable {
  static override readonly code = 'no_instance';
  static override readonly title = 'Service unavailable';
  static override readonly cause = 'The gateway has no endpoint that it may call; `reason` says why.';
  static override readonly remedy =
    "See the instances on the registry page and the upstream's health in the Admin API. Start an instance, or correct weights and threshold.";
  static override readonly reasons: readonly UnavailableReason[] = [
    'registry_unanswered',
    'registry_empty',
    'no_instance_passing',
    'no_target_matches',
    'below_threshold',
    'zero_weight',
    'connect_refused',
  ];

  constructor(service: string, details: UnavailableDetails) {
    super(`${service} is not there: no instance of it is ready.`, { retryAfter: RETRY_AFTER, ...details });
  }
}

/** The instance refused the connection, broke it, or answered with what is no HTTP. */
export class BadGateway extends Unavailable {
  static override readonly code = 'bad_gateway';
  static override readonly title = 'Bad gateway';
  static override readonly cause =
    'The instance refused or broke the connection, or its response cannot be used; `reason` says which.';
  static override readonly remedy =
    'Check the instance: its log and its /health. Repeat an idempotent request.';
  static override readonly reasons: readonly UnavailableReason[] = [
    'connect_refused',
    'connection_reset',
    'invalid_response',
  ];
}

/** The instance did not take the connection or did not answer in time. */
export class GatewayTimeout extends Unavailable {
  static override readonly code = 'gateway_timeout';
  static override readonly title = 'Gateway timeout';
  static override readonly cause =
    'The instance did not accept the connection or did not respond in time, or only-if-cached found nothing in the cache.';
  static override readonly remedy =
    "Check the load of the service, or raise the timeouts of the route's service.";
  static override readonly reasons: readonly UnavailableReason[] = [
    'connect_timeout',
    'response_timeout',
    'not_cached',
  ];
}

/** A route without a service matched, and none of its plugins answered. */
export class NoService extends Unavailable {
  static override readonly code = 'no_service';
  static override readonly title = 'Service unavailable';
  static override readonly cause = 'The route has no service, and none of its plugins responded.';
  static override readonly remedy = 'Give the route a service, or a plugin that responds.';
  static override readonly reasons: readonly UnavailableReason[] = ['route_without_service'];
}

/** No route leads to a service of that name. */
export class UnknownService extends NotFound {
  static override readonly code = 'unknown_service';
  static override readonly title = 'Unknown service';
  static override readonly cause = 'No route leads to a service of this name.';
  static override readonly remedy = 'Use a name that /docs lists.';
}
