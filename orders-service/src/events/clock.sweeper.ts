import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';

export interface SweeperOptions {
  readonly sweep: (signal: AbortSignal) => Promise<void>;
  readonly everyMs: number;
  readonly logger: Logger;
}

/** Time as it moves orders on: sweeps again and again, from when the service is ready until it stops. */
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
