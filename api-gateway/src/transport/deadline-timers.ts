import type { Timeouts } from './transport.ts';

/** Something that must move before a time that it moves on itself. */
export interface DeadlineTimer {
  /** As `performance.now()` tells it; Infinity for never. */
  expiresAt: number;
  /** Where it stands in the list; -1 where it does not. */
  index: number;
  /** The time has passed. */
  onTimeout(): void;
}

/**
 * One timer for all that is under way. Setting a deadline is storing a number, so a request costs no timer,
 * and none of the listeners that a socket's own timeout is. What is missed is noticed late by one resolution
 * at most.
 */
export interface DeadlineTimers {
  add(timer: DeadlineTimer): void;
  remove(timer: DeadlineTimer): void;
  close(): void;
}

const MIN_RESOLUTION_MS = 5;
const MAX_RESOLUTION_MS = 250;

/** A quarter of the shortest of these timeouts, within reason. */
export function timerResolution(timeouts: Timeouts): number {
  return Math.min(MAX_RESOLUTION_MS, Math.max(MIN_RESOLUTION_MS, Math.min(...Object.values(timeouts)) / 4));
}

/**
 * An array, of which the last takes the place of who goes. A Set would do the same and keep garbage alive: V8
 * makes its table anew all the time, each old table refers to the next, and once one of them has grown old, so does
 * all that ever was in those after it. In one run that was 15 % of a request's CPU, and pauses of 15 ms.
 * @param resolution in milliseconds.
 */
export function createDeadlineTimers(resolution: number): DeadlineTimers {
  const timers: DeadlineTimer[] = [];
  let interval: NodeJS.Timeout | undefined;

  function expireDue(): void {
    const now = performance.now();
    // Who misses its time goes, so that another takes its place.
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
      // Not before what has come meanwhile is read: where this process was busy, news may wait behind the timer.
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
