import { logEvent } from '@plaza/errors';

export const instanceRegistered = logEvent({
  event: 'instance_registered',
  level: 'info',
  message: 'This instance is registered in the registry',
  fields: {
    instanceId: 'id of this instance',
    url: 'address that the other services call',
    state: 'up or draining',
  },
});

export const instanceRegistrationFailed = logEvent({
  event: 'instance_registration_failed',
  level: 'warn',
  message: 'This instance could not register; it tries again until it can',
  fields: { reason: 'message of the first failure' },
});

export const instanceUnregistrationFailed = logEvent({
  event: 'instance_unregistration_failed',
  level: 'warn',
  message: 'This instance could not unregister; its registration expires with its TTL',
  fields: { reason: 'message of the failure' },
});

export const registryLost = logEvent({
  event: 'registry_lost',
  level: 'warn',
  message: 'The registry does not answer; the last known instances are used',
  fields: { watching: 'service whose instances are watched', reason: 'message of the first failure' },
});

export const registryRestored = logEvent({
  event: 'registry_restored',
  level: 'info',
  message: 'The registry answers again',
  fields: { watching: 'service whose instances are watched' },
});
