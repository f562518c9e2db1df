import { z } from 'zod';
import { userId, type UserId } from '../domain/author.ts';
import { UsersServiceUnavailable } from '../domain/author.errors.ts';
import { createUsersCall, type UsersCallOptions } from './users.call.ts';

/** A user as the users service tells of them; their e-mail address only to who may know it. */
export interface RemoteUser {
  readonly id: UserId;
  readonly username: string;
  readonly name: string;
  readonly email?: string | undefined;
}

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

/**
 * The users service. Each call ends after 5 s at the latest, and at once while the service is known to be away.
 * Each may throw {UsersServiceUnavailable}, {CircuitOpen}, and {UsersServiceRefused} with the service's words.
 */
export interface UserServiceClient {
  /** Asked as a service, which may see all of a user. @throws {UserNotFound} "User not found" */
  getUserById(id: string): Promise<RemoteUser>;
  createUser(user: NewUser): Promise<RemoteUser>;
  /** Asked for whoever is signed in. @throws {UserNotFound} */
  updateUser(id: string, changes: Partial<Omit<NewUser, 'password'>>): Promise<RemoteUser>;
  /** Asked for whoever is signed in. @throws {UserNotFound} */
  deleteUser(id: string): Promise<void>;
}

export type UserServiceClientOptions = Omit<UsersCallOptions, 'timeoutMs'> & {
  /** Milliseconds that a call may take. Default 5,000. */
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 5_000;

const remoteUser = z.object({
  id: z.string().min(1).transform(userId),
  username: z.string(),
  name: z.string().min(1),
  email: z.string().optional(),
});

export function createUserServiceClient(options: UserServiceClientOptions): UserServiceClient {
  const call = createUsersCall({ timeoutMs: TIMEOUT_MS, ...options });
  const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`;

  return {
    getUserById: async (id) => userIn(await call({ method: 'GET', path: pathOf(id), as: 'service' })),
    createUser: async (user) =>
      userIn(await call({ method: 'POST', path: '/users', data: user, as: 'caller' })),
    updateUser: async (id, changes) =>
      userIn(await call({ method: 'PATCH', path: pathOf(id), data: changes, as: 'caller' })),
    deleteUser: async (id) => {
      await call({ method: 'DELETE', path: pathOf(id), as: 'caller' });
    },
  };
}

function userIn(body: unknown): RemoteUser {
  const { data, error } = remoteUser.safeParse(body);
  if (error === undefined) return data;
  throw new UsersServiceUnavailable('The users service answers with something else than a user.', {
    cause: error,
  });
}
