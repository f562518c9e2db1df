import { Unavailable, type UnavailableReason } from '@plaza/errors';

/** Another service is away, overloaded, or answers what is neither a success nor a mistake of the caller. */
export class UpstreamUnavailable extends Unavailable {
  static override readonly code: string = 'upstream_unavailable';
  static override readonly title: string = 'Upstream unavailable';
  static override readonly cause: string =
    'Another service cannot be reached, is overloaded, or responded with an error.';
  static override readonly remedy: string =
    'Try again later. Operators: `dependency` names the service, `reason` says what failed.';
  static override readonly reasons: readonly UnavailableReason[] = [
    'connect_refused',
    'connection_reset',
    'response_timeout',
    'error_response',
  ];
}

/** Neither the registry nor the configuration names an instance of the service. */
export class NoInstanceKnown extends UpstreamUnavailable {
  static override readonly code = 'no_instance_known';
  static override readonly title = 'No instance known';
  static override readonly cause = 'The caller has no instance of the service; `reason` says why.';
  static override readonly remedy = 'Start an instance, or check REGISTRY_URL and the registry.';
  static override readonly reasons: readonly UnavailableReason[] = [
    'registry_unanswered',
    'registry_empty',
    'no_instance_passing',
    'zero_weight',
  ];
}
