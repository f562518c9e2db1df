import type { Timers } from './forwarder.ts';

/** Something that must move before a time that it moves on itself. */
export interface Watched {
  /** As `performance.now()` tells it; Infinity for never. */
  dueAt: number;
  /** Where the watchdog keeps it; -1 where it does not. */
  place: number;
  /** The time has passed. */
  missed(): void;
}

/**
 * One timer for all that is under way. Setting a deadline is storing a number, so a request costs no timer,
 * and none of the listeners that a socket's own timeout is. What is missed is noticed late by one resolution
 * at most.
 */
export interface Watchdog {
  add(watched: Watched): void;
  remove(watched: Watched): void;
  close(): void;
}

const FINEST_MS = 5;
const COARSEST_MS = 250;

/** A quarter of the shortest of these timers, within reason. */
export function resolutionOf(timers: Timers): number {
  return Math.min(COARSEST_MS, Math.max(FINEST_MS, Math.min(...Object.values(timers)) / 4));
}

/**
 * An array, of which the last takes the place of who goes. A Set would do the same and keep garbage alive: V8
 * makes its table anew all the time, each old table refers to the next, and once one of them has grown old, so does
 * all that ever was in those after it. In one run that was 15 % of a request's CPU, and pauses of 15 ms.
 * @param resolution in milliseconds.
 */
export function createWatchdog(resolution: number): Watchdog {
  const all: Watched[] = [];
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = performance.now();
    // Who misses its time goes, so that another takes its place.
    for (const watched of all.filter(({ dueAt }) => dueAt <= now)) watched.missed();
    if (all.length === 0) stop();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add: (watched) => {
      watched.place = all.push(watched) - 1;
      // Not before what has come meanwhile is read: where this process was busy, news may wait behind the timer.
      timer ??= setInterval(() => setImmediate(look), resolution).unref();
    },
    remove: (watched) => {
      const last = all.at(-1);
      if (watched.place === -1 || last === undefined) return;
      all[watched.place] = last;
      last.place = watched.place;
      all.pop();
      watched.place = -1;
    },
    close: stop,
  };
}
