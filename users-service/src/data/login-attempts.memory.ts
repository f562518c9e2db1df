import type { LoginAttemptRepository } from '../domain/login-attempt.repository.ts';

/** Keys that are counted at once; the one that was used least recently goes first. */
const MAX_KEYS = 10_000;

/** Attempts in this process's memory: what stands in while Redis is away. */
export function createMemoryLoginAttempts(now: () => Date): LoginAttemptRepository {
  const attempts = new Map<string, { attempt: string; time: number }[]>();

  return {
    acquire: async (key, attempt, { max, windowMs }) => {
      const time = now().getTime();
      const recent = (attempts.get(key) ?? []).filter((earlier) => earlier.time > time - windowMs);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= max) return oldest.time + windowMs - time;
      attempts.delete(key);
      attempts.set(key, [...recent, { attempt, time }]);
      const stalest = attempts.keys().next();
      if (attempts.size > MAX_KEYS && stalest.done !== true) attempts.delete(stalest.value);
      return undefined;
    },
    release: async (key, attempt) => {
      attempts.set(
        key,
        (attempts.get(key) ?? []).filter((other) => other.attempt !== attempt),
      );
    },
    clear: async (key) => {
      attempts.delete(key);
    },
  };
}
