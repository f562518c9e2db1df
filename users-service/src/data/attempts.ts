import type { AttemptLog } from '../domain/login-limit.ts';

export interface FallbackOptions {
  readonly first: AttemptLog;
  readonly second: AttemptLog;
  readonly log: { warn(message: string, fields: object): void; info(message: string): void };
}

/**
 * Counts in the first log, and in the second while the first fails, whatever the reason: people sign in
 * while Redis is away, full or late, and guessing stays bounded, by process instead of over all.
 */
export function createAttemptsWithFallback({ first, second, log }: FallbackOptions): AttemptLog {
  let failing = false;

  async function either<T>(call: (attempts: AttemptLog) => Promise<T>): Promise<T> {
    try {
      const result = await call(first);
      if (failing) log.info('failed logins are counted in Redis again');
      failing = false;
      return result;
    } catch (error) {
      if (!failing)
        log.warn('failed logins are counted by this process alone: Redis does not do it', { error });
      failing = true;
      return call(second);
    }
  }

  return {
    take: (key, attempt, limit) => either((attempts) => attempts.take(key, attempt, limit)),
    release: (key, attempt) => either((attempts) => attempts.release(key, attempt)),
    clear: async (key) => {
      await second.clear(key);
      await either((attempts) => attempts.clear(key));
    },
  };
}
