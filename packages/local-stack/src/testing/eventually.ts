import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds between two attempts: multiplied after each, up to a maximum. */
export interface RetryDelays {
  readonly initialMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

const CONSTANT_DELAY: RetryDelays = { initialMs: 20, factor: 1, maxMs: 20 };

/** The first fulfilled result of `attempt` within ten seconds; else throws its last rejection. */
export async function eventually<T>(
  attempt: () => Promise<T> | T,
  deadlineMs = 10_000,
  { initialMs, factor, maxMs } = CONSTANT_DELAY,
): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (let pause = initialMs; ; pause = Math.min(pause * factor, maxMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(pause);
    }
  }
}
