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

export function beginSession(user: User, token: { sessionId: string; hash: string }, now: Date): Session {
  return {
    id: token.sessionId,
    userId: user.id,
    passwordVersion: user.passwordVersion,
    tokenHash: token.hash,
    createdAt: now,
    expiresAt: new Date(now.getTime() + LIFETIME_MS),
  };
}

/** Where sessions are kept. */
export interface SessionRepository {
  byId(id: string): Promise<Session | null>;
  add(session: Session): Promise<void>;
  /** Replaces the good token. False where it is not `from` any more: somebody used that one before. */
  rotate(id: string, from: string, to: string): Promise<boolean>;
  remove(id: string): Promise<void>;
  removeAllOf(userId: UserId): Promise<void>;
  /** Lets one session live on under a new password, and ends the others of its user. */
  keepOnly(userId: UserId, id: string | undefined, passwordVersion: number): Promise<void>;
}
