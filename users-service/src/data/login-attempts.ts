import type { EventLog } from '@plaza/errors';
import type { LoginAttemptRepository } from '../domain/login-attempt.repository.ts';
import { loginLimitDegraded, loginLimitRestored } from '../domain/users.log-events.ts';

export interface LoginAttemptsFallbackOptions {
  readonly primary: LoginAttemptRepository;
  readonly fallback: LoginAttemptRepository;
  readonly log: Pick<EventLog, 'info' | 'warn'>;
}

/**
 * Counts in the primary, and in the fallback while the primary fails, whatever the reason: people sign in
 * while Redis is away, full or late, and guessing stays bounded, by process instead of over all.
 */
export function createLoginAttemptsWithFallback({
  primary,
  fallback,
  log,
}: LoginAttemptsFallbackOptions): LoginAttemptRepository {
  let failing = false;

  async function withFallback<T>(call: (attempts: LoginAttemptRepository) => Promise<T>): Promise<T> {
    try {
      const result = await call(primary);
      if (failing) log.info(loginLimitRestored);
      failing = false;
      return result;
    } catch (error) {
      if (!failing) log.warn(loginLimitDegraded, { error });
      failing = true;
      return call(fallback);
    }
  }

  return {
    acquire: (key, attempt, limit) => withFallback((attempts) => attempts.acquire(key, attempt, limit)),
    release: (key, attempt) => withFallback((attempts) => attempts.release(key, attempt)),
    clear: async (key) => {
      await fallback.clear(key);
      await withFallback((attempts) => attempts.clear(key));
    },
  };
}
