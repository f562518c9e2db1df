import { create, type AxiosResponse } from 'axios';
import { z } from 'zod';
import type { Registration } from './instance.ts';
import { passingIn, type Passing } from './passing.ts';
import { RegistryRefused, RegistryUnavailable } from './registry.errors.ts';
import { createRegistryUrls, type RegistryUrlsOptions } from './registry-urls.ts';

export interface PassingQuery {
  /** Answer only once the list is another than at this index; 0 answers at once. */
  readonly index: number;
  /** For how many milliseconds at most. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** The registry's calls. Each tries every URL once, one that answered first. */
export interface RegistryClient {
  readonly urls: readonly string[];
  /** Registers, or renews: a heartbeat says everything anew. @throws {RegistryRefused} {RegistryUnavailable} */
  upsert(registration: Registration, signal: AbortSignal): Promise<void>;
  /** An instance that is not there (any more) is no error. @throws {RegistryRefused} {RegistryUnavailable} */
  unregister(
    who: Pick<Registration, 'service' | 'instanceId' | 'incarnation'>,
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws {RegistryRefused} {RegistryUnavailable} */
  passing(service: string, query: PassingQuery): Promise<Passing>;
}

export interface RegistryClientOptions extends RegistryUrlsOptions {
  readonly urls: readonly string[];
  readonly token?: string | undefined;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly params?: object;
  readonly data?: object;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const CALL_TIMEOUT_MS = 2_000;
/** Added to a long poll's own wait: a sixteenth of jitter as in Consul, and the way there and back. */
const pollTimeout = (waitMs: number) => waitMs + waitMs / 16 + CALL_TIMEOUT_MS;
const MOST_BYTES = 10 * 1024 * 1024;

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { urls, token } = options;
  const http = create({
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    maxContentLength: MOST_BYTES,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });
  const registries = createRegistryUrls(urls, options);

  async function ask(call: Call): Promise<AxiosResponse<unknown>> {
    let failure: unknown = new RegistryUnavailable('REGISTRY_URL is not set.');
    for (const registry of registries.inOrder()) {
      const url = `${registry}${call.path}`;
      try {
        const { method, params, data, timeoutMs, signal } = call;
        const late = AbortSignal.timeout(timeoutMs);
        const response = await http.request<unknown>({
          url,
          method,
          params,
          data,
          signal: AbortSignal.any([signal, late]),
        });
        if (response.status < 500 && response.status !== 429) return response;
        failure = new Error(`${url} answers ${response.status}: ${reasonIn(response.data)}`);
      } catch (error) {
        call.signal.throwIfAborted();
        failure = error;
      }
      registries.failed(registry);
    }
    throw new RegistryUnavailable(messageOf(failure), { cause: failure });
  }

  return {
    urls,
    upsert: async ({ service, url, ...rest }, signal) => {
      const path = `/heartbeat/${encodeURIComponent(service)}`;
      const data = { serviceName: service, serviceUrl: url, ...rest };
      accept(await ask({ method: 'POST', path, data, timeoutMs: CALL_TIMEOUT_MS, signal }), 200, 201);
    },
    unregister: async ({ service, instanceId, incarnation }, signal) => {
      const path = `/unregister/${encodeURIComponent(service)}`;
      const params = { instanceId, incarnation };
      accept(await ask({ method: 'DELETE', path, params, timeoutMs: CALL_TIMEOUT_MS, signal }), 200, 404);
    },
    passing: async (service, { index, waitMs, signal }) => {
      const path = `/v1/health/service/${encodeURIComponent(service)}`;
      const params = { passing: 'true', index, wait: `${Math.ceil(waitMs)}ms` };
      const timeoutMs = index === 0 ? CALL_TIMEOUT_MS : pollTimeout(waitMs);
      return passingIn(service, accept(await ask({ method: 'GET', path, params, timeoutMs, signal }), 200));
    },
  };
}

function accept(response: AxiosResponse<unknown>, ...statuses: number[]): AxiosResponse<unknown> {
  if (statuses.includes(response.status)) return response;
  throw new RegistryRefused(`The registry answers ${response.status}: ${reasonIn(response.data)}`);
}

const refusal = z.object({ error: z.string(), message: z.string().optional() });

function reasonIn(body: unknown): string {
  const parsed = refusal.safeParse(body);
  return parsed.success ? (parsed.data.message ?? parsed.data.error) : 'without a reason';
}

function messageOf(failure: unknown): string {
  if (!Error.isError(failure)) return String(failure);
  return failure.message === '' && 'code' in failure ? String(failure.code) : failure.message;
}
