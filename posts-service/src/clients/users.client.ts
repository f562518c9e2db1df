import type { ServiceAnswer, ServiceCall, ServiceClient } from '@plaza/discovery';
import { isPlazaError } from '@plaza/errors';
import { z } from 'zod';
import { userId, type UserId } from '../domain/author.ts';
import { UserNotFound, UsersServiceRefused, UsersServiceUnavailable } from '../domain/author.errors.ts';

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
 * Each may throw {UsersServiceUnavailable}, and {UsersServiceRefused} with the service's words.
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

const remoteUser = z.object({
  id: z.string().min(1).transform(userId),
  username: z.string(),
  name: z.string().min(1),
  email: z.string().optional(),
});

const problem = z.object({ message: z.string() });

export function createUserServiceClient(users: Pick<ServiceClient, 'request'>): UserServiceClient {
  const call = async (what: ServiceCall) => successOf(await users.request(what).catch(explain));
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

function explain(cause: unknown): never {
  if (!isPlazaError(cause)) throw cause;
  const { retryAfter } = cause.details;
  const details = { ...(retryAfter === undefined ? {} : { retryAfter }), cause };
  throw new UsersServiceUnavailable(`The users service cannot be asked: ${cause.message}`, details);
}

function successOf({ status, data }: ServiceAnswer): unknown {
  if (status === 404) throw new UserNotFound('User not found');
  if (status < 400) return data;
  const reason = problem.safeParse(data).data?.message ?? 'without a reason';
  throw new UsersServiceRefused(`${status}: ${reason}`);
}

function userIn(body: unknown): RemoteUser {
  const { data, error } = remoteUser.safeParse(body);
  if (error === undefined) return data;
  throw new UsersServiceUnavailable('The users service answers with something else than a user.', {
    cause: error,
  });
}
