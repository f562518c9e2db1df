import { create, type AxiosResponse } from 'axios';
import { z } from 'zod';
import type { ServiceRegistration } from './service-instance.ts';
import { parseHealthResponse, type PassingInstances } from './consul-health-response.ts';
import { RegistryRefused, RegistryUnavailable } from './registry.errors.ts';
import { createRegistryFailover, type RegistryFailoverOptions } from './registry-failover.ts';

export interface HealthQuery {
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
  upsert(registration: ServiceRegistration, signal: AbortSignal): Promise<void>;
  /** An instance that is not there (any more) is no error. @throws {RegistryRefused} {RegistryUnavailable} */
  unregister(
    who: Pick<ServiceRegistration, 'service' | 'instanceId' | 'incarnation'>,
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws {RegistryRefused} {RegistryUnavailable} */
  passingInstances(service: string, query: HealthQuery): Promise<PassingInstances>;
}

export interface RegistryClientOptions extends RegistryFailoverOptions {
  readonly urls: readonly string[];
  readonly token?: string | undefined;
}

interface RegistryRequest {
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
  const failover = createRegistryFailover(urls, options);

  async function send(request: RegistryRequest): Promise<AxiosResponse<unknown>> {
    let failure: unknown = new RegistryUnavailable('REGISTRY_URL is not set.', {
      reason: 'registry_not_configured',
    });
    for (const registry of failover.orderedUrls()) {
      const url = `${registry}${request.path}`;
      try {
        const { method, params, data, timeoutMs, signal } = request;
        const late = AbortSignal.timeout(timeoutMs);
        const response = await http.request<unknown>({
          url,
          method,
          params,
          data,
          signal: AbortSignal.any([signal, late]),
        });
        if (response.status < 500 && response.status !== 429) return response;
        failure = new Error(`${url} answers ${response.status}: ${readReason(response.data)}`);
      } catch (error) {
        request.signal.throwIfAborted();
        failure = error;
      }
      failover.markFailed(registry);
    }
    throw new RegistryUnavailable(toErrorMessage(failure), {
      reason: urls.length === 0 ? 'registry_not_configured' : 'dependency_down',
      ownDependency: 'service-registry',
      cause: failure,
    });
  }

  return {
    urls,
    upsert: async ({ service, url, ...rest }, signal) => {
      const path = `/heartbeat/${encodeURIComponent(service)}`;
      const data = { serviceName: service, serviceUrl: url, ...rest };
      requireStatus(await send({ method: 'POST', path, data, timeoutMs: CALL_TIMEOUT_MS, signal }), 200, 201);
    },
    unregister: async ({ service, instanceId, incarnation }, signal) => {
      const path = `/unregister/${encodeURIComponent(service)}`;
      const params = { instanceId, incarnation };
      requireStatus(
        await send({ method: 'DELETE', path, params, timeoutMs: CALL_TIMEOUT_MS, signal }),
        200,
        404,
      );
    },
    passingInstances: async (service, { index, waitMs, signal }) => {
      const path = `/v1/health/service/${encodeURIComponent(service)}`;
      const params = { passing: 'true', index, wait: `${Math.ceil(waitMs)}ms` };
      const timeoutMs = index === 0 ? CALL_TIMEOUT_MS : pollTimeout(waitMs);
      return parseHealthResponse(
        service,
        requireStatus(await send({ method: 'GET', path, params, timeoutMs, signal }), 200),
      );
    },
  };
}

function requireStatus(response: AxiosResponse<unknown>, ...statuses: number[]): AxiosResponse<unknown> {
  if (statuses.includes(response.status)) return response;
  throw new RegistryRefused(`The registry answers ${response.status}: ${readReason(response.data)}`);
}

const refusal = z.object({ error: z.string(), message: z.string().optional() });

function readReason(body: unknown): string {
  const parsed = refusal.safeParse(body);
  return parsed.success ? (parsed.data.message ?? parsed.data.error) : 'without a reason';
}

function toErrorMessage(failure: unknown): string {
  if (!Error.isError(failure)) return String(failure);
  return failure.message === '' && 'code' in failure ? String(failure.code) : failure.message;
}
