import { setTimeout as wait } from 'node:timers/promises';
import type { Component } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { periodicJobFailed } from './service-kit.log-events.ts';

export interface PeriodicJobOptions {
  /** Mostly finds what was left halfway. Replicas may run at once; one that fails comes again. The signal says to end soon. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds between two runs, a quarter more or less. */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** Runs a job again and again, from when the service is ready until it stops: an event whose cause is that time passed. */
export function createPeriodicJob({ run, intervalMs, logger }: PeriodicJobOptions): Component {
  const stopping = new AbortController();
  let running = Promise.resolve();

  async function runForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = intervalMs * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await run(stopping.signal).catch((error: unknown) => logger.warn(periodicJobFailed, { error }));
    }
  }

  return {
    name: 'sweeper',
    onReady: async () => {
      running = runForever();
    },
    onStopped: async () => {
      stopping.abort();
      await running;
    },
  };
}
