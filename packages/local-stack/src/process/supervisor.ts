import { setTimeout as pause } from 'node:timers/promises';
import type { Child, Exit } from './child.ts';
import type { Milliseconds } from './wait-until.ts';

/** A process that is started again whenever it ends, until it is stopped. */
export interface SupervisedProcess {
  /** Ends it for good: see Child.stop. */
  stop(grace?: number): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again now, because of a change: SIGTERM, and SIGKILL after 0.2 s: a person waits. */
  restart(): void;
}

export interface SupervisorOptions {
  /** The first run. */
  readonly child: Child;
  /** Makes a further run. Where it throws, that counts as an end. */
  readonly run: () => Promise<Child>;
  readonly notify: (sentence: string) => void;
  /** Before the first restart; doubled for each further one, up to `maxDelay`. 1 s. */
  readonly initialDelay?: Milliseconds;
  /** 30 s. */
  readonly maxDelay?: Milliseconds;
}

/** Whoever ran for that long has its restarts begin with the first delay again. */
const backoffResetAfter: Milliseconds = 30_000;

/** Exit status of a service whose configuration is wrong (EX_CONFIG of sysexits.h): another try would not help. */
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
      if (end.signal.aborted) await current.kill(); // ended while it was starting
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
      notify(`${describeExit(ending)}; it stays off until its source or its configuration is changed`);
      await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }));
    } else {
      const wait = Math.min(initialDelay * 2 ** failures, maxDelay);
      notify(`${describeExit(ending)}; starting it again in ${wait / 1000} s`);
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
