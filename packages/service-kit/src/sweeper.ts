import { setTimeout as wait } from 'node:timers/promises';
import type { Component } from './lifecycle.ts';
import type { Logger } from './logger.ts';

export interface SweeperOptions {
  /** Finds what was left halfway. Replicas may sweep at once; one that fails comes again. The signal says to end soon. */
  readonly sweep: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds between two sweeps, a quarter more or less. */
  readonly everyMs: number;
  readonly logger: Logger;
}

/** Sweeps again and again, from when the service is ready until it stops: an event whose cause is that time passed. */
export function createSweeper({ sweep, everyMs, logger }: SweeperOptions): Component {
  const stopping = new AbortController();
  let running = Promise.resolve();

  async function sweepForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = everyMs * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await sweep(stopping.signal).catch((error: unknown) => logger.warn('a sweep failed', { error }));
    }
  }

  return {
    name: 'sweeper',
    announce: async () => {
      running = sweepForever();
    },
    settle: async () => {
      stopping.abort();
      await running;
    },
  };
}
