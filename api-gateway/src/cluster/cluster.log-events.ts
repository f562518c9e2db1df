import { logEvent } from '@plaza/errors';

export const workerStarted = logEvent({
  event: 'worker_started',
  level: 'info',
  message: 'A worker process started',
  fields: { worker: 'number of the worker', pid: 'process id' },
});

export const workerEnded = logEvent({
  event: 'worker_ended',
  level: 'error',
  message: 'A worker process ended; another one replaces it',
  fields: { worker: 'number of the worker', end: 'signal or exit code' },
});
