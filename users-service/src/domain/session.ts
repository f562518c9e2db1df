import type { User, UserId } from './user.ts';

/**
 * One login, and the family of refresh tokens that descend from it: each is good for one use, which makes
 * the next. It ends with a logout, a new password, the user, a token used twice, or after 30 days.
 */
export interface Session {
  readonly id: string;
  readonly userId: UserId;
  /** The user's when the session began: a later one ends it. */
  readonly passwordVersion: number;
  /** SHA-256 of the one refresh token that is good now. */
  readonly tokenHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1_000;

export function createSession(user: User, token: { sessionId: string; hash: string }, now: Date): Session {
  return {
    id: token.sessionId,
    userId: user.id,
    passwordVersion: user.passwordVersion,
    tokenHash: token.hash,
    createdAt: now,
    expiresAt: new Date(now.getTime() + LIFETIME_MS),
  };
}
