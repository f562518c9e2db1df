import { REPLICA_JITTER, startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
import type { Component } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { periodicJobFailed } from './service-kit.log-events.ts';

interface PeriodicJobComponentOptions {
  /** Mostly finishes what a crash interrupted. Replicas may run it at the same time. The signal aborts at a stop. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds between two runs, a quarter more or less. */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** Runs a job periodically from when the service is ready until it stops. A run that fails is logged. */
export function createPeriodicJob({ run, intervalMs, logger }: PeriodicJobComponentOptions): Component {
  let job: PeriodicJob | undefined;
  return {
    name: 'periodic job',
    onReady: async () => {
      const onError = (error: unknown) => logger.warn(periodicJobFailed, { error });
      job = startPeriodicJob({ run, intervalMs, jitter: REPLICA_JITTER, onError });
    },
    onStopped: async () => job?.stop(),
  };
}
