import { logEvent } from '@plaza/errors';

export const rateLimitDegraded = logEvent({
  event: 'rate_limit_degraded',
  level: 'warn',
  message: 'Redis does not count requests; each gateway counts its own until Redis is back',
  fields: { reason: 'message of the first failure' },
});

export const rateLimitRestored = logEvent({
  event: 'rate_limit_restored',
  level: 'info',
  message: 'Redis counts requests again',
  fields: {},
});
