import { keyOf } from './user.ts';
import { TooManyLogins } from './auth.errors.ts';

/** Counts attempts in a sliding window. */
export interface AttemptLog {
  /**
   * Writes an attempt down, before its outcome is known: attempts made at once must not all pass.
   * Resolves with the milliseconds until there is room for it where there is none; then it does not count.
   */
  take(key: string, attempt: string, limit: AttemptLimit): Promise<number | undefined>;
  /** Takes one attempt back. */
  release(key: string, attempt: string): Promise<void>;
  /** Takes all attempts back. */
  clear(key: string): Promise<void>;
}

export interface AttemptLimit {
  readonly most: number;
  readonly windowMs: number;
}

const WRONG_PASSWORDS: AttemptLimit = { most: 5, windowMs: 15 * 60 * 1_000 };

/** Whose password is tried, and from where. */
export interface Attempted {
  /** The user's id, or the login where nobody has it. */
  readonly account: string;
  readonly address: string;
}

/** Runs a check of a password. @throws {TooManyLogins} after five wrong ones in 15 minutes. */
export type LoginLimit = (attempted: Attempted, check: () => Promise<boolean>) => Promise<boolean>;

/** A right password forgets the wrong ones before it; a check that failed for another reason does not count. */
export function createLoginLimit(attempts: AttemptLog, newId: () => string): LoginLimit {
  return async ({ account, address }, check) => {
    const key = `${address} ${keyOf(account)}`;
    const attempt = newId();
    const wait = await attempts.take(key, attempt, WRONG_PASSWORDS);
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
