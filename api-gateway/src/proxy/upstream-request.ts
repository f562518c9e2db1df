import { randomUUID } from 'node:crypto';
import type { FailureReason } from '@plaza/service-client';
import type { ServiceEntity } from '../kong-config/model/entities.ts';
import type { Endpoint } from '../balancer/endpoint.ts';
import { effectiveStatus } from '../balancer/passive-checks.ts';
import type { Upstream } from '../balancer/upstream.ts';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';
import {
  TransportError,
  type Timeouts,
  type Transport,
  type TransportErrorKind,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts';
import { getUpgrade } from '../transport/upgrade.ts';
import { NoInstance } from '../transport/upstream.errors.ts';
import type { ProxyRequestContext } from './request-context.ts';
import { chooseRetryEndpoint } from './retry.ts';

export interface UpstreamRequestOptions {
  readonly transport: Transport;
  /** For requests that become WebSockets. */
  readonly webSocketTransport: Transport;
  /** Used where the service's configuration sets none. */
  readonly timeouts: Timeouts;
}

/** Why an instance is ejected. */
const FAILURE_REASONS: Readonly<Record<Exclude<TransportErrorKind, 'client_timeout'>, FailureReason>> = {
  connect_error: 'refused',
  timeout: 'late',
  reset: 'broken',
};

/** One request to an upstream: picks an instance, sends, and retries on another instance where that is allowed. */
export class UpstreamRequest {
  /** Of the response, once its head has arrived; undefined if the client left before. The breaker counts by it. */
  status: number | undefined;
  readonly #context: ProxyRequestContext;
  readonly #upstream: Upstream;
  readonly #options: UpstreamRequestOptions;
  readonly #hashKey: string | undefined;
  #setsStickyCookie = false;
  #endpoint: Endpoint | undefined;
  #response: TransportResponse | undefined;

  constructor(requestContext: ProxyRequestContext, upstream: Upstream, options: UpstreamRequestOptions) {
    this.#context = requestContext;
    this.#upstream = upstream;
    this.#options = options;
    this.#hashKey = this.#resolveHashKey();
  }

  /**
   * Resolves when the head of the response has arrived; with undefined if the client left before.
   * @throws {NoInstance} {CircuitOpen}, and {TransportError} if there is no response.
   */
  async send(): Promise<TransportResponse | undefined> {
    // The client may have left while the request waited for the bulkhead.
    if (this.#context.response.destroyed) return undefined;
    // Before the breaker: picking closes it if a new instance has appeared.
    const first = this.#upstream.pick(this.#hashKey);
    if (first === undefined)
      throw new NoInstance(this.#upstream.name, { reason: this.#upstream.emptyReason() });
    await this.#upstream.breaker.run(() => this.#sendWithRetry(first));
    return this.#response;
  }

  /** Call it when the response has ended: the instance counts its active requests. */
  end(): void {
    if (this.#endpoint !== undefined) this.#endpoint.activeRequests -= 1;
  }

  async #sendWithRetry(first: Endpoint): Promise<this> {
    this.#upstream.retryPolicy.onFirstAttempt();
    try {
      await this.#sendTo(first);
    } catch (error) {
      const second = chooseRetryEndpoint(error, this.#context, this.#upstream, first, this.#hashKey);
      if (second === undefined) throw error;
      this.#context.firstAttemptUrl = first.url;
      addLogField(this.#context, 'retried', first.url);
      await this.#sendTo(second);
    }
    return this;
  }

  async #sendTo(endpoint: Endpoint): Promise<void> {
    const context = this.#context;
    const { request, response, method, headers, body, upstreamPath, upstreamQuery, bodyLimit } = context;
    const { transport, webSocketTransport, timeouts } = this.#options;
    context.endpoint = endpoint;
    addLogField(context, 'upstream', endpoint.url);
    this.#upstream.onStart(endpoint);
    this.#endpoint = endpoint;
    const transportRequest: TransportRequest = {
      request,
      response,
      origin: endpoint.origin,
      method,
      path: upstreamPath + upstreamQuery,
      headers,
      body,
      timeouts,
      bodyLimit,
    };
    const isUpgrade = request.headers.upgrade !== undefined && getUpgrade(request) !== undefined;
    try {
      this.#response = await (isUpgrade ? webSocketTransport : transport).send(transportRequest);
    } catch (error) {
      this.end();
      this.#endpoint = undefined;
      this.#onError(endpoint, error);
      throw error;
    }
    if (this.#response === undefined) this.#upstream.onAbort(endpoint);
    else this.#onResponse(endpoint, this.#response.head);
  }

  #onResponse(endpoint: Endpoint, head: UpstreamResponseHead): void {
    this.status = effectiveStatus(head);
    this.#upstream.onResponse(endpoint, this.status);
    this.#upstream.requestMetrics.recordResponse(endpoint.version, head.status);
    const { stickyCookie } = this.#upstream;
    if (!this.#setsStickyCookie || stickyCookie === undefined || this.#hashKey === undefined) return;
    const { name, path } = stickyCookie;
    head.headers.append('Set-Cookie', `${name}=${this.#hashKey}; Path=${path}; HttpOnly`);
  }

  /** A stale connection and a client that stops sending are no sign of an unhealthy instance. */
  #onError(endpoint: Endpoint, error: unknown): void {
    if (!(error instanceof TransportError) || error.staleConnection || error.kind === 'client_timeout') {
      this.#upstream.onAbort(endpoint);
      return;
    }
    this.#upstream.requestMetrics.recordResponse(endpoint.version, undefined);
    this.#upstream.onFailure(endpoint, FAILURE_REASONS[error.kind], error.cause);
  }

  #resolveHashKey(): string | undefined {
    const key = this.#upstream.hashKeyExtractor?.(this.#context);
    if (key !== undefined || this.#upstream.stickyCookie === undefined) return key;
    this.#setsStickyCookie = true;
    return randomUUID();
  }
}

/** Adds a field to the access log's line of the response. */
export function addLogField(
  { response: { locals } }: ProxyRequestContext,
  name: string,
  value: string,
): void {
  locals['log'] ??= {};
  locals['log'][name] = value;
}

/** Finds the options for a service: its own timeouts, where it has some. */
export function createOptionsLookup(
  defaults: UpstreamRequestOptions,
): (service: ServiceEntity) => UpstreamRequestOptions {
  const known = new WeakMap<ServiceEntity, UpstreamRequestOptions>();
  return (service) => {
    let options = known.get(service);
    if (options === undefined) {
      options = { ...defaults, timeouts: applyServiceTimeouts(defaults.timeouts, service) };
      known.set(service, options);
    }
    return options;
  };
}

/** Kong's read_timeout is the time between two reads, so it limits the wait for the headers too. */
function applyServiceTimeouts(
  timeouts: Timeouts,
  { connectTimeoutMs, readTimeoutMs, writeTimeoutMs }: ServiceEntity,
): Timeouts {
  return {
    connect: connectTimeoutMs ?? timeouts.connect,
    headers: readTimeoutMs ?? timeouts.headers,
    read: readTimeoutMs ?? timeouts.read,
    write: writeTimeoutMs ?? timeouts.write,
    client: timeouts.client,
  };
}
