import type { Change } from '@plaza/domain';
import { LastAdmin, UserChanged, UserNotFound } from './user.errors.ts';
import type { UserEvent } from './user.events.ts';
import type { UserRepository } from './user.repository.ts';
import { markUserDeleted, type User } from './user.ts';

/** How often a change is decided anew because another came first. */
const MAX_ATTEMPTS = 8;

/**
 * Reads a user, decides, and saves; reads and decides again where another writer was first.
 * @throws {UserNotFound}, {UserChanged} after 8 decisions, and what `decide` throws.
 */
export async function updateUserWithRetry(
  users: UserRepository,
  id: string,
  decide: (user: User) => Change<User, UserEvent>,
): Promise<User> {
  for (let decisions = 0; decisions < MAX_ATTEMPTS; decisions += 1) {
    const user = await users.findById(id);
    if (user === null) throw new UserNotFound();
    const change = decide(user);
    if (change.state === user || (await users.save(change))) return change.state;
  }
  throw new UserChanged();
}

/** @throws {UserNotFound} {LastAdmin}, and {UserChanged} after 8 attempts. */
export async function deleteUserWithRetry(users: UserRepository, id: string): Promise<User> {
  for (let decisions = 0; decisions < MAX_ATTEMPTS; decisions += 1) {
    const user = await users.findById(id);
    if (user === null) throw new UserNotFound();
    if (user.admin && !(await users.hasOtherAdmin(user.id))) throw new LastAdmin();
    if (await users.remove(user, markUserDeleted(user))) return user;
  }
  throw new UserChanged();
}
