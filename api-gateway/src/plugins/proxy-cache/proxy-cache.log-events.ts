import { logEvent } from '@plaza/errors';

export const cacheStoreFailed = logEvent({
  event: 'cache_store_failed',
  level: 'warn',
  message: 'Redis is not available; responses are not cached until it is back',
  fields: { reason: 'message of the first failure' },
});
