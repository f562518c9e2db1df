import type { Breaker } from '@plaza/resilience';
import { currentContext, REQUEST_ID, type ServiceTokens } from '@plaza/service-kit';
import { create, isAxiosError, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { UserNotFound, UsersServiceRefused, UsersServiceUnavailable } from '../domain/author.errors.ts';
import type { Locate } from '@plaza/discovery';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly data?: object;
  /** In whose name: that of this service, or that of the request at hand. */
  readonly as: 'service' | 'caller';
}

export interface UsersCallOptions {
  /** Chooses an instance, other than those which were tried already; undefined where there is none. */
  readonly locate: Locate;
  readonly breaker: Breaker;
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  /** Milliseconds that a call may take, with all its tries. */
  readonly timeoutMs: number;
}

const MOST_BYTES = 100_000;
/** A crashed instance costs one try: the second goes to another. */
const MOST_TRIES = 2;

/**
 * Calls the users service through the breaker, and answers the body of its success.
 * @throws {UserNotFound} for its 404, {UsersServiceRefused} for any other 4xx, {UsersServiceUnavailable} for
 *   whatever else is no success, {CircuitOpen}.
 */
export function createUsersCall({ locate, breaker, serviceTokens, timeoutMs }: UsersCallOptions) {
  const http = create({
    maxContentLength: MOST_BYTES,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });

  async function headersFor(as: Call['as']): Promise<Record<string, string>> {
    const { requestId, authorization, traceparent } = currentContext() ?? {};
    const theirs = as === 'caller' ? authorization : undefined;
    return {
      Authorization: theirs ?? `Bearer ${await serviceTokens.issue()}`,
      ...(requestId === undefined ? {} : { [REQUEST_ID]: requestId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  /** Only a question is asked twice, and only where nothing answered the first time. */
  async function ask({ method, path, data, as }: Call): Promise<AxiosResponse<unknown>> {
    const headers = await headersFor(as);
    const late = AbortSignal.timeout(timeoutMs); // axios' own timeout is one of silence: a trickle would never end
    const tried: string[] = [];
    for (;;) {
      const baseURL = locate(tried);
      if (baseURL === undefined) throw new Error('no instance of it is known');
      tried.push(baseURL);
      try {
        return await http.request<unknown>({ baseURL, url: path, method, data, headers, signal: late });
      } catch (error) {
        if (late.aborted) throw new Error(`no answer within ${timeoutMs} ms`, { cause: error });
        const worthAnother = method === 'GET' && isAxiosError(error) && tried.length < MOST_TRIES;
        if (!worthAnother || locate(tried) === undefined) throw error;
      }
    }
  }

  /** What speaks against the service, and so counts for the breaker, is thrown in here. */
  async function answerTo(call: Call): Promise<AxiosResponse<unknown>> {
    const response = await ask(call).catch((error: unknown) => {
      const reason = Error.isError(error) ? error.message : String(error);
      throw new UsersServiceUnavailable(`The users service cannot be asked: ${reason}.`, { cause: error });
    });
    if (isAnswer(response.status)) return response;
    throw new UsersServiceUnavailable(`The users service answers ${response.status}.`);
  }

  return async (call: Call): Promise<unknown> => {
    const { status, data } = await breaker.run(() => answerTo(call));
    if (status === 404) throw new UserNotFound('User not found');
    if (status >= 400) throw new UsersServiceRefused(`${status}: ${reasonIn(data)}`);
    return data;
  };
}

const TOO_MANY_REQUESTS = 429;

/** Redirections are none: nobody moves between our services. */
function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS);
}

const problem = z.object({ message: z.string() });

function reasonIn(body: unknown): string {
  return problem.safeParse(body).data?.message ?? 'without a reason';
}
