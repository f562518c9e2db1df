import { setTimeout as wait } from 'node:timers/promises';

/** The first result of `attempt` that is no rejection, within ten seconds. */
export async function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 10_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(20);
    }
  }
}
