import type { PasswordHasher } from './password-hasher.ts';
import { deleteUserWithRetry, updateUserWithRetry } from './update-with-retry.ts';
import { registerUser, updateProfile, type ProfileChanges, type User, type UserId } from './user.ts';
import { UserExists } from './user.errors.ts';
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
  updateUser(id: string, changes: ProfileChanges): Promise<User>;
  /** @throws {UserNotFound} {LastAdmin} {UserChanged} */
  deleteUser(id: string): Promise<void>;
}

export interface UsersServiceDependencies {
  readonly users: UserRepository;
  readonly passwords: PasswordHasher;
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
      const taken = await users.findTaken({ ...input, id });
      if (taken.length > 0) throw new UserExists(taken);
      const passwordHash = await passwords.hash(password);
      const registered = registerUser({ ...input, id, passwordHash, admin }, now());
      await users.add(registered);
      return registered.state;
    },

    getUserById: (id) => users.findById(id),
    listUsers: (limit, after) => users.list(limit, after),
    updateUser: (id, changes) =>
      updateUserWithRetry(users, id, (user) => updateProfile(user, changes, now())),

    deleteUser: async (id) => {
      const user = await deleteUserWithRetry(users, id);
      await endSessions(user.id);
    },
  };
}
