import { randomUUID } from 'node:crypto';
import type { FailureReason } from '@plaza/service-client';
import type { ServiceEntity } from '../kong-config/model/entities.ts';
import type { ProxyRequestContext } from './request-context.ts';
import type { UpstreamResponseHead, BodyFilter } from '../plugins/api/response.ts';
import { toProblem } from './error-mapping.ts';
import {
  TransportError,
  type Transport,
  type TransportErrorKind,
  type TransportRequest,
  type ResponseOutcome,
  type TransportResponse,
  type Timeouts,
} from '../transport/transport.ts';
import type { Endpoint } from '../balancer/endpoint.ts';
import { effectiveStatus } from '../balancer/passive-checks.ts';
import { setUserIdHeader } from './forwarded-headers.ts';
import { getUpgrade } from '../transport/upgrade.ts';
import { NoInstance } from '../transport/upstream.errors.ts';
import type { Upstream } from '../balancer/upstream.ts';

/** What the plugins make of the head of an answer. */
export type OnResponseHead = (responseHead: UpstreamResponseHead) => readonly BodyFilter[];

/**
 * Hands a request to an instance and its answer to the client. Resolves when the answer has ended.
 * @throws {NoInstance} {BadGateway} {GatewayTimeout} {RequestTimeout} {CircuitOpen} {BulkheadFull}, and what `onResponseHead` throws.
 */
export type SendUpstreamRequest = (
  requestContext: ProxyRequestContext,
  upstream: Upstream,
  onResponseHead: OnResponseHead,
) => Promise<void>;

export interface UpstreamRequestOptions {
  readonly transport: Transport;
  /** Carries what becomes a WebSocket. */
  readonly webSocketTransport: Transport;
  /** Where a service says nothing else. */
  readonly timeouts: Timeouts;
}

export function createUpstreamRequestSender({
  transport,
  webSocketTransport,
  timeouts,
}: UpstreamRequestOptions): SendUpstreamRequest {
  const known = new WeakMap<ServiceEntity, Timeouts>();
  const timeoutsFor = (service: ServiceEntity | undefined): Timeouts => {
    if (service === undefined) return timeouts;
    const own = known.get(service) ?? applyServiceTimeouts(timeouts, service);
    known.set(service, own);
    return own;
  };
  return (requestContext, upstream, onResponseHead) => {
    const upstreamRequest = new UpstreamRequest(requestContext, upstream, {
      transport: getUpgrade(requestContext.request) === undefined ? transport : webSocketTransport,
      timeouts: timeoutsFor(requestContext.service),
      onResponseHead,
    });
    return upstreamRequest.send();
  };
}

/** Kong's read_timeout is between two reads, so it is for the headers as well. */
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

/** Safe to send twice (RFC 9110, 9.2.2). */
const IDEMPOTENT_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** What an instance is ejected for. */
const FAILURE_REASONS: Readonly<Record<Exclude<TransportErrorKind, 'client_timeout'>, FailureReason>> = {
  connect_error: 'refused',
  timeout: 'late',
  reset: 'broken',
};

interface SendOptions {
  readonly transport: Transport;
  readonly timeouts: Timeouts;
  readonly onResponseHead: OnResponseHead;
}

/** One request and whoever is asked for it. */
class UpstreamRequest {
  readonly #context: ProxyRequestContext;
  readonly #upstream: Upstream;
  readonly #sendOptions: SendOptions;
  readonly #hashKey: string | undefined;
  #setsStickyCookie = false;
  #effectiveStatus: number | undefined;
  #endpoint: Endpoint | undefined;

  constructor(requestContext: ProxyRequestContext, upstream: Upstream, sendOptions: SendOptions) {
    this.#context = requestContext;
    this.#upstream = upstream;
    this.#sendOptions = sendOptions;
    this.#hashKey = this.#resolveHashKey();
  }

  async send(): Promise<void> {
    const { request, response, headers, caller } = this.#context;
    setUserIdHeader(headers, caller);
    headers.host ??= this.#context.route.preserveHost ? request.headers.host : this.#upstream.hostHeader;
    try {
      const outcome = await this.#upstream.bulkhead.run(() => this.#sendThroughBreaker());
      if (outcome === 'broken-off') this.#markIncomplete();
    } catch (failure) {
      if (!request.complete && !response.headersSent) response.set('Connection', 'close');
      if (!(failure instanceof TransportError)) throw failure;
      throw toProblem(failure, this.#upstream.name, this.#endpoint);
    }
  }

  /** Who has waited for a place may have gone. */
  async #sendThroughBreaker(): Promise<ResponseOutcome> {
    if (this.#context.response.destroyed) return 'client-gone';
    // Before the breaker is asked: with somebody new among them, it closes.
    const first = this.#upstream.pick(this.#hashKey);
    if (first === undefined) throw new NoInstance(this.#upstream.name);
    const { ended } = await this.#upstream.breaker.run(() => this.#sendWithRetry(first));
    const outcome = await ended;
    if (this.#endpoint !== undefined) this.#endpoint.activeRequests -= 1;
    return outcome;
  }

  async #sendWithRetry(first: Endpoint): Promise<TransportResponse> {
    this.#upstream.budget.deposit();
    try {
      return await this.#sendOnce(first);
    } catch (failure) {
      const second = this.#retryEndpoint(failure, first);
      if (second === undefined) throw failure;
      this.#context.firstAttemptUrl = first.url;
      this.#addLogField('retried', first.url);
      return this.#sendOnce(second);
    }
  }

  async #sendOnce(endpoint: Endpoint): Promise<TransportResponse> {
    const { request, response, method, headers, body, upstreamPath, upstreamQuery, bodyLimit } =
      this.#context;
    const { transport, timeouts } = this.#sendOptions;
    this.#endpoint = endpoint;
    this.#context.endpoint = endpoint;
    this.#addLogField('upstream', endpoint.url);
    this.#upstream.onStart(endpoint);
    let settled = false;
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
      onResponseHead: (responseHead) => {
        settled = true;
        return this.#onResponseHead(endpoint, responseHead);
      },
    };
    try {
      const transportResponse = await transport.send(transportRequest);
      if (!settled) this.#upstream.onAbort(endpoint);
      return this.#effectiveStatus === transportResponse.status
        ? transportResponse
        : { ...transportResponse, status: this.#effectiveStatus };
    } catch (failure) {
      endpoint.activeRequests -= 1;
      if (!settled) this.#onFailure(endpoint, failure);
      throw failure;
    }
  }

  #onResponseHead(endpoint: Endpoint, responseHead: UpstreamResponseHead): readonly BodyFilter[] {
    this.#effectiveStatus = effectiveStatus(responseHead);
    this.#upstream.onResponse(endpoint, this.#effectiveStatus);
    this.#upstream.requestMetrics.recordResponse(endpoint.version, responseHead.status);
    this.#context.responseSource = 'upstream';
    const { stickyCookie } = this.#upstream;
    if (this.#setsStickyCookie && stickyCookie !== undefined && this.#hashKey !== undefined) {
      const { name, path } = stickyCookie;
      responseHead.headers.append('Set-Cookie', `${name}=${this.#hashKey}; Path=${path}; HttpOnly`);
    }
    return this.#sendOptions.onResponseHead(responseHead);
  }

  /** A kept connection that was closed says nothing against its instance, nor does a client that stalls. */
  #onFailure(endpoint: Endpoint, failure: unknown): void {
    if (
      !(failure instanceof TransportError) ||
      failure.staleConnection ||
      failure.kind === 'client_timeout'
    ) {
      this.#upstream.onAbort(endpoint);
      return;
    }
    this.#upstream.requestMetrics.recordResponse(endpoint.version, undefined);
    this.#upstream.onFailure(endpoint, FAILURE_REASONS[failure.kind], failure.cause);
  }

  /**
   * Whom to ask instead, once, if anybody: where the first cannot have seen anything of the request; and where
   * it broke off, if the method is idempotent and there is no body, as what was read of one cannot be read again.
   */
  #retryEndpoint(failure: unknown, first: Endpoint): Endpoint | undefined {
    if (!(failure instanceof TransportError) || this.#context.service?.retries === 0) return undefined;
    if (!failure.unsent && !(failure.kind === 'reset' && this.#isRepeatable())) return undefined;
    const other = this.#upstream.pick(this.#hashKey, first) ?? (failure.staleConnection ? first : undefined);
    return other !== undefined && this.#upstream.budget.withdraw() ? other : undefined;
  }

  #isRepeatable(): boolean {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = this.#context.request.headers;
    return IDEMPOTENT_METHODS.has(this.#context.method) && length === '0' && encoding === undefined;
  }

  #resolveHashKey(): string | undefined {
    const key = this.#upstream.hashKeyExtractor?.(this.#context);
    if (key !== undefined || this.#upstream.stickyCookie === undefined) return key;
    this.#setsStickyCookie = true;
    return randomUUID();
  }

  /** More for the line in the log that this response gets. */
  #addLogField(name: string, fact: string): void {
    const { locals } = this.#context.response;
    locals['log'] ??= {};
    locals['log'][name] = fact;
  }

  #markIncomplete(): void {
    this.#context.response.locals['brokenOff'] = true;
    this.#addLogField('brokenOff', 'the service ended its answer too early');
  }
}
