export { backoffDelay, type Backoff } from './backoff.ts';
export { createBatcher, type BatcherOptions } from './batcher.ts';
export { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts';
export {
  REPLICA_JITTER,
  startPeriodicJob,
  type PeriodicJob,
  type PeriodicJobOptions,
} from './periodic-job.ts';
export { createSerialQueue, type SerialQueue } from './serial-queue.ts';
export { freshSingleFlight, singleFlight } from './single-flight.ts';
export { sleep, type SleepOptions } from './sleep.ts';
export { settlesWithin, TimeoutError, withTimeout } from './with-timeout.ts';
