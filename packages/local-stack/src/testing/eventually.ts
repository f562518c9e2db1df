import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds between two attempts: as many times longer after each, up to a most. */
export interface Pauses {
  readonly firstMs: number;
  readonly growth: number;
  readonly mostMs: number;
}

const STEADY: Pauses = { firstMs: 20, growth: 1, mostMs: 20 };

/** The first result of `attempt` that is no rejection, within ten seconds; its last rejection where there is none. */
export async function eventually<T>(
  attempt: () => Promise<T> | T,
  deadlineMs = 10_000,
  { firstMs, growth, mostMs } = STEADY,
): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (let pause = firstMs; ; pause = Math.min(pause * growth, mostMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(pause);
    }
  }
}
