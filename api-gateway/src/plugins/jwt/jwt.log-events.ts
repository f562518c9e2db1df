import { logEvent } from '@plaza/errors';

export const revocationPollFailed = logEvent({
  event: 'revocation_poll_failed',
  level: 'warn',
  message:
    'The list of revoked sessions could not be read; the gateway uses the sessions that it has read before',
  fields: { reason: 'message of the first failure' },
});

export const revocationPollRestored = logEvent({
  event: 'revocation_poll_restored',
  level: 'info',
  message: 'The list of revoked sessions is read again',
  fields: {},
});
