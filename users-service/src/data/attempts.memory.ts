import type { AttemptLog } from '../domain/login-limit.ts';

/** Keys that are counted at once; the one that was used least recently goes first. */
const MOST_KEYS = 10_000;

/** Attempts in this process's memory: what stands in while Redis is away. */
export function createMemoryAttempts(now: () => Date): AttemptLog {
  const attempts = new Map<string, { attempt: string; time: number }[]>();

  return {
    take: async (key, attempt, { most, windowMs }) => {
      const time = now().getTime();
      const recent = (attempts.get(key) ?? []).filter((earlier) => earlier.time > time - windowMs);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= most) return oldest.time + windowMs - time;
      attempts.delete(key);
      attempts.set(key, [...recent, { attempt, time }]);
      const stalest = attempts.keys().next();
      if (attempts.size > MOST_KEYS && stalest.done !== true) attempts.delete(stalest.value);
      return undefined;
    },
    release: async (key, attempt) => {
      attempts.set(
        key,
        (attempts.get(key) ?? []).filter((taken) => taken.attempt !== attempt),
      );
    },
    clear: async (key) => {
      attempts.delete(key);
    },
  };
}
