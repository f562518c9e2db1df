import type { Session } from './session.ts';
import type { UserId } from './user.ts';

/** Where sessions are kept. */
export interface SessionRepository {
  findById(id: string): Promise<Session | null>;
  add(session: Session): Promise<void>;
  /** Replaces the good token. False if it is no longer `from`, which another request has used. */
  rotate(id: string, from: string, to: string): Promise<boolean>;
  remove(id: string): Promise<void>;
  removeByUser(userId: UserId): Promise<void>;
  /** Lets one session live on under a new password, and ends the others of its user. */
  removeOthers(userId: UserId, id: string | undefined, passwordVersion: number): Promise<void>;
}
