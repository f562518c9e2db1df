import { Conflict, Invalid, NotFound, Unavailable, type UnavailableReason } from '@plaza/errors';

/** No instance is registered under this name, or none of its instances is the one named. */
export class ServiceNotFound extends NotFound {
  static override readonly code = 'service_not_found';
  static override readonly title = 'Service not found';
  static override readonly cause = 'No instance is registered under this name or id.';
  static override readonly remedy = 'Check the name; the registry page lists all services.';
}

/** No instance has a check with this id that could be reported on so. */
export class CheckNotFound extends NotFound {
  static override readonly code = 'check_not_found';
  static override readonly title = 'Check not found';
  static override readonly cause = 'No instance has a check with this id.';
  static override readonly remedy = 'Register the check first.';
}

/** The service has several instances, and the call did not say which one it means. */
export class InstanceAmbiguous extends Conflict {
  static override readonly code = 'instance_ambiguous';
  static override readonly title = 'Several instances';
  static override readonly cause =
    'The service has several instances, and the request does not say which one is meant.';
  static override readonly remedy = 'Send the instanceId.';
}

/** A later process holds this instance id, or this process has taken itself out already. */
export class InstanceSuperseded extends Conflict {
  static override readonly code = 'instance_superseded';
  static override readonly title = 'Instance superseded';
  static override readonly cause = 'A newer process has this instance id, or this process has unregistered.';
  static override readonly remedy = 'Use an instanceId of its own for each process.';
}

/** An instance says more of itself than a registry of 10,000 can hold in memory. */
export class DeclarationTooLong extends Invalid {
  static override readonly code = 'declaration_too_long';
  static override readonly title = 'Declaration too long';
  static override readonly cause = 'The metadata of the instance is longer than the registry stores.';
  static override readonly remedy = 'Send less metadata, fewer tags or fewer checks.';
}

/** As many instances are registered as this registry takes. */
export class RegistryFull extends Unavailable {
  static override readonly code = 'registry_full';
  static override readonly title = 'Registry full';
  static override readonly cause = 'The registry has as many instances as it accepts.';
  static override readonly remedy = 'Remove instances that are not needed.';
  static override readonly reasons: readonly UnavailableReason[] = ['instance_limit'];
}

/** This registry has not read its store since it started. An empty list would be wrong: instances may exist. */
export class NothingKnown extends Unavailable {
  static override readonly code = 'nothing_known';
  static override readonly title = 'Nothing known yet';
  static override readonly cause =
    'The registry has not read its store since its start, because Redis is not available.';
  static override readonly remedy = 'Check Redis, or ask another registry.';
  static override readonly reasons: readonly UnavailableReason[] = ['store_unread'];
}

/** This registry is stopping and takes no more calls that wait. */
export class RegistryDraining extends Unavailable {
  static override readonly code = 'registry_draining';
  static override readonly title = 'Registry draining';
  static override readonly cause = 'The registry is stopping.';
  static override readonly remedy = 'Ask another registry, or try again later.';
  static override readonly reasons: readonly UnavailableReason[] = ['draining'];
}

/** As many watch the registry's page as it serves at once. */
export class TooManyViewers extends Unavailable {
  static override readonly code = 'too_many_viewers';
  static override readonly title = 'Too many viewers';
  static override readonly cause = 'The registry page has as many viewers as it serves.';
  static override readonly remedy = 'Close another tab, or try again later.';
  static override readonly reasons: readonly UnavailableReason[] = ['stream_limit'];
}
