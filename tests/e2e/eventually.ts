import { setTimeout as wait } from 'node:timers/promises';

const PAUSE = { firstMs: 50, mostMs: 500, growth: 1.5 };

/** The first result of `attempt` that is no rejection; its last rejection where the deadline (in ms) passes. */
export async function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (let pause = PAUSE.firstMs; ; pause = Math.min(pause * PAUSE.growth, PAUSE.mostMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(pause);
    }
  }
}
