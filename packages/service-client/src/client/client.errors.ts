import { Unavailable } from '@plaza/errors';

/** Another service is away, overloaded, or answers what is neither a success nor a mistake of the caller. */
export class UpstreamUnavailable extends Unavailable {
  static override readonly code: string = 'upstream_unavailable';
  static override readonly title: string = 'Upstream unavailable';
}

/** Neither the registry nor the configuration names an instance of the service. */
export class NoInstanceKnown extends UpstreamUnavailable {
  static override readonly code = 'no_instance_known';
  static override readonly title = 'No instance known';
}
