import { sleep } from './sleep.ts';

export interface PeriodicJobOptions {
  /** One run. The signal aborts when the job stops. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds from the end of a run to the start of the next one. */
  readonly intervalMs: number;
  /**
   * Called with what `run` rejects with; the next run takes place all the same. Default: the job ends with an unhandled
   * rejection. For a `run` that never rejects.
   */
  readonly onError?: (error: unknown) => void;
  /** When the first run takes place. Default `after-interval`. */
  readonly firstRun?: 'at-once' | 'after-interval';
  /** Share of the interval by which a pause is longer or shorter, at random. Default 0. */
  readonly jitter?: number;
  /** Whether the job keeps the process running. Default true. */
  readonly ref?: boolean;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

export interface PeriodicJob {
  /** Aborts the signal of the current run, waits for its end and starts no other. */
  stop(): Promise<void>;
}

/** A jitter for jobs that every replica of a service runs: replicas that started together drift apart. */
export const REPLICA_JITTER = 0.25;

/** Runs a job again and again, one run at a time, until it is stopped. */
export function startPeriodicJob(options: PeriodicJobOptions): PeriodicJob {
  const { run, intervalMs, onError, firstRun = 'after-interval', jitter = 0, ref = true } = options;
  const { random = Math.random } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function runOnce(): Promise<void> {
    try {
      await run(signal);
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
    }
  }

  async function runUntilStopped(): Promise<void> {
    if (firstRun === 'at-once') await runOnce();
    while (!signal.aborted) {
      await sleep(intervalMs * (1 - jitter + 2 * jitter * random()), { signal, ref });
      if (!signal.aborted) await runOnce();
    }
  }

  const running = runUntilStopped();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
