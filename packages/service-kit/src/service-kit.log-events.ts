import { logEvent } from '@plaza/errors';

export const requestReceived = logEvent({
  event: 'request_received',
  level: 'info',
  message: 'request',
  fields: {
    method: 'HTTP method',
    url: 'path and query, without secrets',
    ip: 'address of the client, as X-Forwarded-For of trusted proxies gives it',
    userAgent: 'header User-Agent',
    requestId: 'id of the request, the same in every service',
    userId: 'user that is signed in',
  },
});

export const responseSent = logEvent({
  event: 'response_sent',
  level: 'info',
  message: 'response',
  fields: {
    ...requestReceived.fields,
    status: 'HTTP status; 499 if the client closed the connection before the response ended',
    durationMs: 'milliseconds from the request to the end of the response',
    upstream: 'gateway: address of the instance that got the request',
    retried: 'gateway: address of the first instance, if the request was sent to a second one',
    reason: 'with 502, 503 and 504: why, as in the body; docs/errors.md lists all reasons',
    dependency: 'with 502, 503 and 504: what is not available',
    brokenOff: 'gateway: the service ended its response too early',
  },
});

export const requestFailed = logEvent({
  event: 'request_failed',
  level: 'error',
  message: 'A request failed because of a defect; the response is 500',
  fields: { code: 'error code', error: 'the error, with its stack' },
});

export const requestRefused = logEvent({
  event: 'request_refused',
  level: 'warn',
  message: 'A request could not be served; the response is 502, 503 or 504',
  fields: { code: 'error code', detail: 'what the client was told', reason: 'message of the cause, if any' },
});

export const serverListening = logEvent({
  event: 'server_listening',
  level: 'info',
  message: 'The HTTP server listens; the service is not ready yet',
  fields: { port: 'TCP port' },
});

export const serviceReady = logEvent({
  event: 'service_ready',
  level: 'info',
  message: 'The service is ready: its dependencies are connected',
  fields: { port: 'TCP port' },
});

export const serviceStartFailed = logEvent({
  event: 'service_start_failed',
  level: 'error',
  message: 'The start failed for good; the process ends',
  fields: { error: 'what failed' },
});

export const serverListenFailed = logEvent({
  event: 'server_listen_failed',
  level: 'error',
  message: 'The HTTP server cannot listen; the process ends',
  fields: { error: 'what the operating system said' },
});

export const unhandledRejection = logEvent({
  event: 'unhandled_rejection',
  level: 'error',
  message: 'A promise was rejected and no code handled it: a defect',
  fields: { error: 'the rejection' },
});

export const serviceStopping = logEvent({
  event: 'service_stopping',
  level: 'info',
  message: 'The service got a signal and stops: it drains, then ends',
  fields: { signal: 'SIGTERM or SIGINT' },
});

export const serviceStopped = logEvent({
  event: 'service_stopped',
  level: 'info',
  message: 'The service has stopped',
  fields: {},
});

export const stopDeadlinePassed = logEvent({
  event: 'stop_deadline_passed',
  level: 'error',
  message: 'The service did not stop in time; what still runs is cut off',
  fields: { deadlineMs: 'milliseconds that a stop may take (STOP_DEADLINE_MS)' },
});

export const componentStopFailed = logEvent({
  event: 'component_stop_failed',
  level: 'error',
  message: 'A component failed to stop; the stop goes on with the others',
  fields: {
    component: 'name of the component',
    hook: 'step of the stop: onDrain, onStopped or close',
    error: 'what failed',
  },
});

export const periodicJobFailed = logEvent({
  event: 'periodic_job_failed',
  level: 'warn',
  message: 'A run of a periodic job failed; the next run follows at its time',
  fields: { error: 'what failed' },
});

export const dependencyWaiting = logEvent({
  event: 'dependency_waiting',
  level: 'warn',
  message: 'A dependency cannot be reached yet; the start tries again until it can',
  fields: { dependency: 'name of the dependency', reason: 'message of the first failure' },
});

export const dependencyReached = logEvent({
  event: 'dependency_reached',
  level: 'info',
  message: 'A dependency that the start waited for can be reached',
  fields: { dependency: 'name of the dependency', attempts: 'number of attempts, with the successful one' },
});

export const redisLost = logEvent({
  event: 'redis_lost',
  level: 'warn',
  message: 'The connection to Redis is lost; the client reconnects until Redis is back',
  fields: { reason: 'message of the first error' },
});

export const redisRestored = logEvent({
  event: 'redis_restored',
  level: 'info',
  message: 'The connection to Redis is back',
  fields: {},
});

export const mongodbConnectionError = logEvent({
  event: 'mongodb_connection_error',
  level: 'error',
  message: 'The connection to MongoDB has an error; the driver reconnects',
  fields: { error: 'error of the driver' },
});
