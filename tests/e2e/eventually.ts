import { eventually as soon } from '@plaza/local-stack/testing';

/** The whole system needs time, and each attempt adds load. */
const DELAYS = { initialMs: 50, factor: 1.5, maxMs: 500 };

/** The first fulfilled result of `attempt`; throws its last rejection after the deadline (ms). */
export function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  return soon(attempt, deadlineMs, DELAYS);
}
