import { retryOnConflict, updateWithRetry, type Change } from '@plaza/domain';
import { LastAdmin, UserChanged, UserNotFound } from './user.errors.ts';
import type { UserEvent } from './user.events.ts';
import type { UserRepository } from './user.repository.ts';
import { markUserDeleted, type User } from './user.ts';

const createConflictError = () => new UserChanged();

/** @throws {UserNotFound}, {UserChanged} after eight conflicts with other writers, and what `decide` throws. */
export function updateUserWithRetry(
  users: UserRepository,
  id: string,
  decide: (user: User) => Change<User, UserEvent>,
): Promise<User> {
  return updateWithRetry({
    load: () => loadUser(users, id),
    decide,
    save: (change) => users.save(change),
    createConflictError,
  });
}

/** @throws {UserNotFound} {LastAdmin}, and {UserChanged} after eight conflicts with other writers. */
export function deleteUserWithRetry(users: UserRepository, id: string): Promise<User> {
  return retryOnConflict(
    async () => {
      const user = await loadUser(users, id);
      if (user.admin && !(await users.hasOtherAdmin(user.id))) throw new LastAdmin();
      return (await users.remove(user, markUserDeleted(user))) ? { done: user } : 'conflict';
    },
    { createConflictError },
  );
}

async function loadUser(users: UserRepository, id: string): Promise<User> {
  const user = await users.findById(id);
  if (user === null) throw new UserNotFound();
  return user;
}
