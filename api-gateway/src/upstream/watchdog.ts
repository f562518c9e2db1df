import type { Timers } from './forwarder.ts';

/** Something that must move before a time that it moves on itself. */
export interface Watched {
  /** As `performance.now()` tells it; Infinity for never. */
  dueAt: number;
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

/** @param resolution in milliseconds. */
export function createWatchdog(resolution: number): Watchdog {
  const all = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = performance.now();
    for (const watched of all) if (watched.dueAt <= now) watched.missed();
    if (all.size === 0) stop();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add: (watched) => {
      all.add(watched);
      // Not before what has come meanwhile is read: where this process was busy, news may wait behind the timer.
      timer ??= setInterval(() => setImmediate(look), resolution).unref();
    },
    remove: (watched) => void all.delete(watched),
    close: stop,
  };
}
