import type { Breaker } from '@plaza/resilience';
import { currentContext, REQUEST_ID, type ServiceTokens } from '@plaza/service-kit';
import { create, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { userId, type UserId } from '../domain/author.ts';
import { AuthorNotFound, UsersServiceRefused, UsersServiceUnavailable } from '../domain/author.errors.ts';

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
  /** Asked as a service, which may see all of a user. @throws {AuthorNotFound} "User not found" */
  getUserById(id: string): Promise<RemoteUser>;
  createUser(user: NewUser): Promise<RemoteUser>;
  /** Asked for whoever is signed in. @throws {AuthorNotFound} */
  updateUser(id: string, changes: Partial<Omit<NewUser, 'password'>>): Promise<RemoteUser>;
  /** Asked for whoever is signed in. @throws {AuthorNotFound} */
  deleteUser(id: string): Promise<void>;
}

export interface UserServiceClientOptions {
  /** The base URL to ask now; undefined where nobody is known who could answer. */
  readonly locate: () => string | undefined;
  readonly breaker: Breaker;
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  /** Milliseconds that a call may take. Default 5,000. */
  readonly timeoutMs?: number;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly data?: object;
  /** In whose name: that of this service, or that of the request at hand. */
  readonly as: 'service' | 'caller';
}

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 100_000;

const remoteUser = z.object({
  id: z.string().min(1).transform(userId),
  username: z.string(),
  name: z.string().min(1),
  email: z.string().optional(),
});

export function createUserServiceClient(options: UserServiceClientOptions): UserServiceClient {
  const { locate, breaker, serviceTokens, timeoutMs = TIMEOUT_MS } = options;
  const http = create({
    timeout: timeoutMs,
    maxContentLength: MOST_BYTES,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });

  async function ask({ method, path, data, as }: Call): Promise<AxiosResponse<unknown>> {
    const baseURL = locate();
    if (baseURL === undefined)
      throw new UsersServiceUnavailable('No instance of the users service is known.');
    const { requestId, authorization } = currentContext() ?? {};
    const theirs = as === 'caller' ? authorization : undefined;
    const headers = {
      Authorization: theirs ?? `Bearer ${await serviceTokens.issue()}`,
      ...(requestId === undefined ? {} : { [REQUEST_ID]: requestId }),
    };
    // axios' own timeout is one of silence: an answer that trickles would never end
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await http.request<unknown>({ baseURL, url: path, method, data, headers, signal });
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : String(error);
      throw new UsersServiceUnavailable(`The users service cannot be asked: ${reason}.`, { cause: error });
    }
  }

  /** What speaks against the service itself is thrown inside of the breaker, for it to count. */
  async function call(request: Call): Promise<unknown> {
    const { status, data } = await breaker.run(async () => {
      const response = await ask(request);
      if (
        response.status >= 500 ||
        response.status === 429 ||
        response.status < 200 ||
        isRedirect(response)
      ) {
        throw new UsersServiceUnavailable(`The users service answers ${response.status}.`);
      }
      return response;
    });
    if (status === 404) throw new AuthorNotFound('User not found');
    if (status >= 400) throw new UsersServiceRefused(`${status}: ${reasonIn(data)}`);
    return data;
  }

  const userIn = (body: unknown): RemoteUser => {
    const { data, error } = remoteUser.safeParse(body);
    if (error === undefined) return data;
    throw new UsersServiceUnavailable('The users service answers with something else than a user.', {
      cause: error,
    });
  };

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

function isRedirect({ status }: AxiosResponse): boolean {
  return status >= 300 && status < 400;
}

const problem = z.object({ message: z.string() });

function reasonIn(body: unknown): string {
  return problem.safeParse(body).data?.message ?? 'without a reason';
}
