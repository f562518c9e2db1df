import { setTimeout as pause } from 'node:timers/promises';
import type { Child, Exit } from './child.ts';
import type { Milliseconds } from './wait-until.ts';

/** A process that is restarted whenever it ends, until it is stopped. */
export interface SupervisedProcess {
  /** Ends it without a restart: see Child.stop. */
  stop(grace?: number): Promise<void>;
  kill(): Promise<void>;
  /** Restarts it because of a change: SIGTERM, and SIGKILL after 0.2 s, since a developer is waiting. */
  restart(): void;
}

export interface SupervisorOptions {
  /** The first run. */
  readonly child: Child;
  /** Starts a further run. An error counts as an end of the process. */
  readonly run: () => Promise<Child>;
  readonly notify: (sentence: string) => void;
  /** Delay of the first restart, doubled for each further one up to `maxDelay`. Default 1 s. */
  readonly initialDelay?: Milliseconds;
  /** Default 30 s. */
  readonly maxDelay?: Milliseconds;
}

/** After a run of this length, delays begin with the first one again. */
const backoffResetAfter: Milliseconds = 30_000;

/** Exit status of a service with an invalid configuration (EX_CONFIG of sysexits.h): a restart would not help. */
const EX_CONFIG = 78;

export function supervise({
  child,
  run,
  notify,
  initialDelay = 1_000,
  maxDelay = 30_000,
}: SupervisorOptions): SupervisedProcess {
  let current: Child | undefined = child;
  const end = new AbortController();
  let change = new AbortController();

  async function loop(): Promise<void> {
    let failures = 0;
    while (!end.signal.aborted) {
      const start = performance.now();
      const ending = await endOfRun();
      if (performance.now() - start > backoffResetAfter) failures = 0;
      if (!change.signal.aborted && !end.signal.aborted) {
        await backOff(ending, failures);
        failures += 1;
      }
      if (change.signal.aborted) change = new AbortController();
    }
  }

  async function endOfRun(): Promise<Exit | Error> {
    try {
      current ??= await run();
      if (end.signal.aborted) await current.kill(); // ended during its start
      return await current.exit;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      current = undefined;
    }
  }

  async function backOff(ending: Exit | Error, failures: number): Promise<void> {
    const signal = AbortSignal.any([end.signal, change.signal]);
    if (!(ending instanceof Error) && ending.code === EX_CONFIG) {
      notify(`${describeExit(ending)}; it is restarted when its source or its configuration changes`);
      await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }));
    } else {
      const wait = Math.min(initialDelay * 2 ** failures, maxDelay);
      notify(`${describeExit(ending)}; restarting it in ${wait / 1000} s`);
      await pause(wait, undefined, { signal }).catch(() => {});
    }
  }

  const over = loop();
  return {
    async stop(grace) {
      end.abort();
      await current?.stop(grace);
      await over;
    },
    async kill() {
      end.abort();
      await current?.kill();
      await over;
    },
    restart() {
      change.abort();
      void current?.stop(0.2);
    },
  };
}

function describeExit(ending: Exit | Error): string {
  if (ending instanceof Error) return `could not be started: ${ending.message}`;
  return ending.signal === null ? `ended with status ${ending.code}` : `was ended by ${ending.signal}`;
}
