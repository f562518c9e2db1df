import type { Timeouts } from './transport.ts';

/** An object with a deadline, which it may move. */
export interface DeadlineTimer {
  /** A value of `performance.now()`; Infinity for never. */
  expiresAt: number;
  /** Its index in the list; -1 if it is not in it. */
  index: number;
  /** Called after the deadline. */
  onTimeout(): void;
}

/**
 * One interval for all requests. Setting a deadline stores a number, so a request needs no timer of its own and
 * no timeout listeners on its socket. A deadline fires late by one resolution at most.
 */
export interface DeadlineTimers {
  add(timer: DeadlineTimer): void;
  remove(timer: DeadlineTimer): void;
  close(): void;
}

const MIN_RESOLUTION_MS = 5;
const MAX_RESOLUTION_MS = 250;

/** A quarter of the shortest timeout, between 5 and 250 ms. */
export function timerResolution(timeouts: Timeouts): number {
  return Math.min(MAX_RESOLUTION_MS, Math.max(MIN_RESOLUTION_MS, Math.min(...Object.values(timeouts)) / 4));
}

/**
 * An array; the last element takes the place of a removed one. A Set rehashes under churn, and its
 * old-generation tables keep newer ones and their entries alive (nepotism): in one run that cost 15 % of a
 * request's CPU and pauses of 15 ms.
 * @param resolution in milliseconds.
 */
export function createDeadlineTimers(resolution: number): DeadlineTimers {
  const timers: DeadlineTimer[] = [];
  let interval: NodeJS.Timeout | undefined;

  function expireDue(): void {
    const now = performance.now();
    // `onTimeout` removes elements, so iterate over a copy.
    for (const timer of timers.filter(({ expiresAt }) => expiresAt <= now)) timer.onTimeout();
    if (timers.length === 0) stop();
  }

  function stop(): void {
    clearInterval(interval);
    interval = undefined;
  }

  return {
    add: (timer) => {
      timer.index = timers.push(timer) - 1;
      // Read pending I/O first: after a busy phase, data may be waiting behind the timer.
      interval ??= setInterval(() => setImmediate(expireDue), resolution).unref();
    },
    remove: (timer) => {
      const last = timers.at(-1);
      if (timer.index === -1 || last === undefined) return;
      timers[timer.index] = last;
      last.index = timer.index;
      timers.pop();
      timer.index = -1;
    },
    close: stop,
  };
}
