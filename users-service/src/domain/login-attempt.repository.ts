/** Counts attempts in a sliding window. */
export interface LoginAttemptRepository {
  /**
   * Writes an attempt down, before its outcome is known: attempts made at once must not all pass.
   * Resolves with the milliseconds until there is room for it where there is none; then it does not count.
   */
  acquire(key: string, attempt: string, limit: LoginAttemptLimit): Promise<number | undefined>;
  /** Takes one attempt back. */
  release(key: string, attempt: string): Promise<void>;
  /** Takes all attempts back. */
  clear(key: string): Promise<void>;
}

export interface LoginAttemptLimit {
  readonly max: number;
  readonly windowMs: number;
}
