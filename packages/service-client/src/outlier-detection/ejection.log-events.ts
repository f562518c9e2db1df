import { logEvent } from '@plaza/errors';

export const instanceEjected = logEvent({
  event: 'instance_ejected',
  level: 'warn',
  message: 'An instance failed too often; it gets no traffic for a time',
  fields: {
    upstream: 'service or upstream',
    instanceId: 'id of the instance',
    reason: 'kind of the last failure: refused, late, broken or error',
    probationMs: 'milliseconds until one call tries the instance again',
  },
});

export const instanceReadmitted = logEvent({
  event: 'instance_readmitted',
  level: 'info',
  message: 'A call to an ejected instance succeeded; it gets traffic again',
  fields: { upstream: 'service or upstream', instanceId: 'id of the instance' },
});

export const ejectionPanicStarted = logEvent({
  event: 'ejection_panic_started',
  level: 'warn',
  message: 'Too many instances are ejected; ejections are ignored (panic mode)',
  fields: { upstream: 'service or upstream', left: 'number of instances that are not ejected' },
});

export const ejectionPanicEnded = logEvent({
  event: 'ejection_panic_ended',
  level: 'info',
  message: 'Enough instances are healthy; ejections take effect again',
  fields: { upstream: 'service or upstream' },
});
