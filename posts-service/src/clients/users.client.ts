import type { ServiceResponse, ServiceRequest, ServiceClient } from '@plaza/service-client';
import { isPlazaError } from '@plaza/errors';
import { z } from 'zod';
import { toAuthorId, type AuthorId } from '../domain/author.ts';
import { AuthorNotFound, UsersServiceRefused, UsersServiceUnavailable } from '../domain/author.errors.ts';

/** A user as the users service tells of them; their e-mail address only to who may know it. */
export interface RemoteUser {
  readonly id: AuthorId;
  readonly username: string;
  readonly name: string;
  readonly email?: string | undefined;
}

export interface CreateUserRequest {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

/**
 * The users service. Each call ends after 5 s at the latest, and at once while the service is known to be away.
 * Each may throw {UsersServiceUnavailable}, and {UsersServiceRefused} with the service's words.
 */
export interface UsersClient {
  /** Asked as a service, which may see all of a user. @throws {AuthorNotFound} "User not found" */
  getUserById(id: string): Promise<RemoteUser>;
  createUser(user: CreateUserRequest): Promise<RemoteUser>;
  /** Called with the token of the signed-in user. @throws {AuthorNotFound} */
  updateUser(id: string, changes: Partial<Omit<CreateUserRequest, 'password'>>): Promise<RemoteUser>;
  /** Called with the token of the signed-in user. @throws {AuthorNotFound} */
  deleteUser(id: string): Promise<void>;
}

const remoteUser = z.object({
  id: z.string().min(1).transform(toAuthorId),
  username: z.string(),
  name: z.string().min(1),
  email: z.string().optional(),
});

const problem = z.object({ message: z.string() });

export function createUsersClient(users: Pick<ServiceClient, 'request'>): UsersClient {
  const call = async (what: ServiceRequest) =>
    requireSuccess(await users.request(what).catch(throwUsersServiceUnavailable));
  const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`;

  return {
    getUserById: async (id) => parseUser(await call({ method: 'GET', path: pathOf(id), as: 'service' })),
    createUser: async (user) =>
      parseUser(await call({ method: 'POST', path: '/users', data: user, as: 'caller' })),
    updateUser: async (id, changes) =>
      parseUser(await call({ method: 'PATCH', path: pathOf(id), data: changes, as: 'caller' })),
    deleteUser: async (id) => {
      await call({ method: 'DELETE', path: pathOf(id), as: 'caller' });
    },
  };
}

function throwUsersServiceUnavailable(cause: unknown): never {
  if (!isPlazaError(cause)) throw cause;
  const { retryAfter, reason = 'error_response' } = cause.details;
  const details = {
    reason,
    dependency: 'users-service',
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cause,
  };
  throw new UsersServiceUnavailable(`The users service cannot be asked: ${cause.message}`, details);
}

function requireSuccess({ status, data }: ServiceResponse): unknown {
  if (status === 404) throw new AuthorNotFound('User not found');
  if (status < 400) return data;
  const reason = problem.safeParse(data).data?.message ?? 'without a reason';
  throw new UsersServiceRefused(`${status}: ${reason}`);
}

function parseUser(body: unknown): RemoteUser {
  const { data, error } = remoteUser.safeParse(body);
  if (error === undefined) return data;
  throw new UsersServiceUnavailable('The users service answers with something else than a user.', {
    reason: 'invalid_response',
    dependency: 'users-service',
    cause: error,
  });
}
