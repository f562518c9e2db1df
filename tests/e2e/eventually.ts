import { eventually as soon } from '@plaza/local-stack/testing';

/** The whole system takes its time, and each attempt is work for it. */
const DELAYS = { initialMs: 50, factor: 1.5, maxMs: 500 };

/** The first result of `attempt` that is no rejection; its last rejection where the deadline (in ms) passes. */
export function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  return soon(attempt, deadlineMs, DELAYS);
}
