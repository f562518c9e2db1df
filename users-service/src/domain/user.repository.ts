import type { Change } from '@plaza/domain';
import type { User, UserId } from './user.ts';
import type { UserCreated, UserDeleted, UserEvent } from './user.events.ts';

export interface UniqueUserFields {
  readonly id: UserId;
  readonly username: string;
  readonly email: string;
}

/** Stores users. None of its functions finds a deleted user. */
export interface UserRepository {
  findById(id: string): Promise<User | null>;
  /** By username, or by e-mail address where the login has an `@`. */
  findByLogin(login: string): Promise<User | null>;
  /** Up to `limit` users in the order of their ids, from the one after `after`. */
  list(limit: number, after?: string): Promise<User[]>;
  /** Those of the two names that another user has. */
  findTaken(names: UniqueUserFields): Promise<('username' | 'email')[]>;
  hasOtherAdmin(id: UserId): Promise<boolean>;
  /** @throws {UserExists} where the username or the e-mail address was taken meanwhile. */
  add(change: Change<User, UserCreated>): Promise<void>;
  /**
   * False where another writer was first: read again and decide again.
   * @throws {UserExists} where the username or the e-mail address is another's.
   */
  save(change: Change<User, UserEvent>): Promise<boolean>;
  /** Leaves nothing but the event. False where another writer was first. */
  remove(user: User, change: Change<UserId, UserDeleted>): Promise<boolean>;
}
