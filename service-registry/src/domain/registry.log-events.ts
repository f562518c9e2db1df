import { logEvent } from '@plaza/errors';

const SELF_PRESERVATION_FIELDS = {
  active: 'whether self-preservation is on',
  since: 'its start, milliseconds since 1970',
  until: 'its end at the latest, milliseconds since 1970',
  expected: 'leases and TTL checks that should be renewed',
  renewed: 'how many of them were renewed within two thirds of their TTL',
} as const;

export const instanceExpired = logEvent({
  event: 'instance_expired',
  level: 'warn',
  message: 'An instance sent no heartbeat within its TTL and was removed',
  fields: { instance: 'service and id of the instance' },
});

export const checkExpired = logEvent({
  event: 'check_expired',
  level: 'warn',
  message: 'A TTL check was not reported in time; its state is critical',
  fields: { check: 'instance and id of the check' },
});

export const selfPreservationStarted = logEvent({
  event: 'self_preservation_started',
  level: 'error',
  message: 'Too many heartbeats stopped at once; no instance expires until they return, or for 10 minutes',
  fields: SELF_PRESERVATION_FIELDS,
});

export const selfPreservationEnded = logEvent({
  event: 'self_preservation_ended',
  level: 'info',
  message: 'Self-preservation has ended; instances expire again',
  fields: SELF_PRESERVATION_FIELDS,
});

export const instanceExpirationFailed = logEvent({
  event: 'instance_expiration_failed',
  level: 'error',
  message: 'A run of the expiration job failed; the next run tries again',
  fields: { error: 'what failed' },
});

export const storeReadFailed = logEvent({
  event: 'registry_store_read_failed',
  level: 'error',
  message: 'The store cannot be read; the registry answers with its last known state',
  fields: { error: 'what failed' },
});

export const probeResultLost = logEvent({
  event: 'probe_result_lost',
  level: 'error',
  message: 'The result of a health probe could not be stored; the next probe reports again',
  fields: { error: 'what failed' },
});

export const pageRefreshFailed = logEvent({
  event: 'page_refresh_failed',
  level: 'error',
  message: 'The data of the registry page could not be read; the page keeps its last state',
  fields: { error: 'what failed' },
});
