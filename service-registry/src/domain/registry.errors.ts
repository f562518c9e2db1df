import { Conflict, Invalid, NotFound, Unavailable } from '@plaza/errors';

/** No instance is registered under this name, or none of its instances is the one named. */
export class ServiceNotFound extends NotFound {
  static override readonly code = 'service_not_found';
  static override readonly title = 'Service not found';
}

/** No instance has a check with this id that could be reported on so. */
export class CheckNotFound extends NotFound {
  static override readonly code = 'check_not_found';
  static override readonly title = 'Check not found';
}

/** The service has several instances, and the call did not say which one it means. */
export class InstanceAmbiguous extends Conflict {
  static override readonly code = 'instance_ambiguous';
  static override readonly title = 'Several instances';
}

/** A later process holds this instance id, or this process has taken itself out already. */
export class InstanceSuperseded extends Conflict {
  static override readonly code = 'instance_superseded';
  static override readonly title = 'Instance superseded';
}

/** An instance says more of itself than a registry of 10,000 can hold in memory. */
export class DeclarationTooLong extends Invalid {
  static override readonly code = 'declaration_too_long';
  static override readonly title = 'Declaration too long';
}

/** As many instances are registered as this registry takes. */
export class RegistryFull extends Unavailable {
  static override readonly code = 'registry_full';
  static override readonly title = 'Registry full';
}

/** This registry has not read its store since it started: it knows of nobody, which is not that nobody is there. */
export class NothingKnown extends Unavailable {
  static override readonly code = 'nothing_known';
  static override readonly title = 'Nothing known yet';
}

/** This registry is stopping and takes no more calls that wait. */
export class RegistryDraining extends Unavailable {
  static override readonly code = 'registry_draining';
  static override readonly title = 'Registry draining';
}

/** As many watch the registry's page as it serves at once. */
export class TooManyViewers extends Unavailable {
  static override readonly code = 'too_many_viewers';
  static override readonly title = 'Too many viewers';
}
