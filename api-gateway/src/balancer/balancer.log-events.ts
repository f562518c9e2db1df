import { logEvent } from '@plaza/errors';

export const activeCheckFailed = logEvent({
  event: 'active_check_failed',
  level: 'warn',
  message: 'A target fails its active health checks',
  fields: {
    upstream: 'name of the upstream',
    instanceId: 'id of the endpoint',
    url: 'address of the endpoint',
  },
});

export const activeCheckPassed = logEvent({
  event: 'active_check_passed',
  level: 'warn',
  message: 'A target passes its active health checks again',
  fields: {
    upstream: 'name of the upstream',
    instanceId: 'id of the endpoint',
    url: 'address of the endpoint',
  },
});
