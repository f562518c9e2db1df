import { setTimeout as wait } from 'node:timers/promises';

/** The first result of `attempt` that is no rejection; its last rejection where the deadline (in ms) passes. */
export async function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(50);
    }
  }
}
