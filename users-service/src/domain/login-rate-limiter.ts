import { normalizeKey } from './user.ts';
import { TooManyLogins } from './auth.errors.ts';
import type { LoginAttemptLimit, LoginAttemptRepository } from './login-attempt.repository.ts';

const FAILED_LOGIN_LIMIT: LoginAttemptLimit = { max: 5, windowMs: 15 * 60 * 1_000 };

/** Whose password is tried, and from where. */
export interface LoginAttempt {
  /** The user's id, or the login if no user has it. */
  readonly account: string;
  readonly address: string;
}

/** Runs a check of a password. @throws {TooManyLogins} after five wrong ones in 15 minutes. */
export type LoginRateLimiter = (attempt: LoginAttempt, check: () => Promise<boolean>) => Promise<boolean>;

/** A right password forgets the wrong ones before it; a check that failed for another reason does not count. */
export function createLoginRateLimiter(
  attempts: LoginAttemptRepository,
  newId: () => string,
): LoginRateLimiter {
  return async ({ account, address }, check) => {
    const key = `${address} ${normalizeKey(account)}`;
    const attempt = newId();
    const wait = await attempts.acquire(key, attempt, FAILED_LOGIN_LIMIT);
    if (wait !== undefined) throw new TooManyLogins(wait / 1_000);
    try {
      const right = await check();
      if (right) await attempts.clear(key);
      return right;
    } catch (error) {
      await attempts.release(key, attempt);
      throw error;
    }
  };
}
