import type { Change } from '@plaza/domain';
import type { Passwords } from './passwords.ts';
import { bury, describe, register, type Details, type User, type UserId } from './user.ts';
import { LastAdmin, UserChanged, UserExists, UserNotFound } from './user.errors.ts';
import type { UserEvent } from './user.events.ts';
import type { UserRepository } from './user.repository.ts';

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
}

export interface UsersService {
  /** @throws {UserExists} that names the taken field. */
  createUser(input: NewUser, role?: { readonly admin: boolean }): Promise<User>;
  /** Null where there is none. */
  getUserById(id: string): Promise<User | null>;
  listUsers(limit: number, after?: string): Promise<User[]>;
  /** @throws {UserNotFound} {UserExists} {UserChanged} */
  updateUser(id: string, details: Details): Promise<User>;
  /** @throws {UserNotFound} {LastAdmin} {UserChanged} */
  deleteUser(id: string): Promise<void>;
}

export interface UsersServiceDependencies {
  readonly users: UserRepository;
  readonly passwords: Passwords;
  /** Ends all logins of a user. */
  readonly endSessions: (id: UserId) => Promise<void>;
  readonly newId: () => UserId;
  readonly now: () => Date;
}

export function createUsersService(dependencies: UsersServiceDependencies): UsersService {
  const { users, passwords, endSessions, newId, now } = dependencies;

  return {
    createUser: async ({ password, ...input }, { admin } = { admin: false }) => {
      const id = newId();
      const taken = await users.taken({ ...input, id });
      if (taken.length > 0) throw new UserExists(taken);
      const passwordHash = await passwords.hash(password);
      const registered = register({ ...input, id, passwordHash, admin }, now());
      await users.add(registered);
      return registered.state;
    },

    getUserById: (id) => users.byId(id),
    listUsers: (limit, after) => users.list(limit, after),
    updateUser: (id, details) => changeUser(users, id, (user) => describe(user, details, now())),

    deleteUser: async (id) => {
      const user = await deleteUser(users, id);
      await endSessions(user.id);
    },
  };
}

/** How often a change is decided anew because another came first. */
const MOST_DECISIONS = 8;

/**
 * Reads a user, decides, and saves; reads and decides again where another writer was first.
 * @throws {UserNotFound}, and {UserChanged} after 8 decisions.
 */
export async function changeUser(
  users: UserRepository,
  id: string,
  decide: (user: User) => Change<User, UserEvent>,
): Promise<User> {
  for (let decisions = 0; decisions < MOST_DECISIONS; decisions += 1) {
    const user = await users.byId(id);
    if (user === null) throw new UserNotFound();
    const change = decide(user);
    if (change.state === user || (await users.save(change))) return change.state;
  }
  throw new UserChanged();
}

async function deleteUser(users: UserRepository, id: string): Promise<User> {
  for (let decisions = 0; decisions < MOST_DECISIONS; decisions += 1) {
    const user = await users.byId(id);
    if (user === null) throw new UserNotFound();
    if (user.admin && !(await users.hasOtherAdmin(user.id))) throw new LastAdmin();
    if (await users.remove(user, bury(user))) return user;
  }
  throw new UserChanged();
}
