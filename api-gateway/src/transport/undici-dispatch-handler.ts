import type { Dispatcher } from 'undici';
import type { BodyFilter } from '../plugins/api/response.ts';
import { ResponseHead } from './response-head.ts';
import { sendContinue } from './send-continue.ts';
import type { PooledConnection } from './connection-pool.ts';
import {
  TransportError,
  type TransportRequest,
  type ResponseOutcome,
  type TransportResponse,
} from './transport.ts';
import { toHeaderRecord, decodeRawHeaders } from './headers.ts';
import { RequestBodyStream, type BodySizeLimit } from './request-body-stream.ts';
import type { DeadlineTimer } from './deadline-timers.ts';

/** What a handler reports of its connection. */
export interface DispatchEvents {
  /** The response has arrived in full: the connection may be reused. */
  onComplete(connection: PooledConnection): void;
  /** The connection cannot be reused. */
  onConnectionBroken(connection: PooledConnection): void;
  /** The handler needs no deadline any more. */
  onEnd(handler: UndiciDispatchHandler): void;
}

type DispatchController = Dispatcher.DispatchController;

const NO_BODY_FILTERS: readonly BodyFilter[] = [];

/**
 * One request and its response. undici's events write to the client's response directly, chunk by chunk, with no
 * stream between. One object per request, without a timer, a listener or a closure that most requests do not need.
 */
export class UndiciDispatchHandler implements Dispatcher.DispatchHandler, DeadlineTimer, TransportResponse {
  expiresAt: number;
  index = -1;
  readonly connection: PooledConnection;
  readonly requestBodyStream: RequestBodyStream | undefined;
  readonly #transportRequest: TransportRequest;
  readonly #dispatchEvents: DispatchEvents;
  readonly #response = Promise.withResolvers<TransportResponse | undefined>();
  #head: ResponseHead | undefined;
  /** Chunks that arrived with the head, before `stream` was called: at most one read of the socket. */
  #earlyChunks: Buffer[] | undefined;
  #trailers: readonly string[] = [];
  #bodyFilters = NO_BODY_FILTERS;
  #resolveOutcome: ((outcome: ResponseOutcome) => void) | undefined;
  #outcome: ResponseOutcome | undefined;
  #controller: DispatchController | undefined;
  /** The connection has carried other requests, and nothing of this response has arrived. */
  #mayBeStale = false;
  #paused = false;
  #responseComplete = false;
  #finished = false;

  constructor(
    transportRequest: TransportRequest,
    connection: PooledConnection,
    dispatchEvents: DispatchEvents,
  ) {
    this.#transportRequest = transportRequest;
    this.#dispatchEvents = dispatchEvents;
    this.connection = connection;
    this.requestBodyStream = hasStreamedBody(transportRequest)
      ? new RequestBodyStream(transportRequest.request, {
          onStart: this.#onBodyWanted,
          onProgress: this.#onBodyProgress,
          limit: this.#bodySizeLimit(),
        })
      : undefined;
    this.expiresAt = performance.now() + transportRequest.timeouts.connect;
    // `close` is emitted once; `once` would allocate a wrapper.
    transportRequest.response.on('close', this.#onClientClose);
  }

  /** As `Transport.send` resolves. */
  get response(): Promise<TransportResponse | undefined> {
    return this.#response.promise;
  }

  get head(): ResponseHead {
    if (this.#head === undefined) throw new Error('The head of the response has not arrived.');
    return this.#head;
  }

  stream(bodyFilters: readonly BodyFilter[]): Promise<ResponseOutcome> {
    const { response } = this.#transportRequest;
    if (this.#outcome !== 'client-gone') this.head.writeTo(response);
    this.#bodyFilters = bodyFilters;
    const { promise, resolve } = Promise.withResolvers<ResponseOutcome>();
    this.#resolveOutcome = resolve;
    for (const chunk of this.#earlyChunks ?? []) this.#writeChunk(chunk);
    if (this.#outcome !== undefined) this.#endEarly(this.#outcome);
    else if (this.#responseComplete) this.#endResponse();
    else process.nextTick(flushHeaders, response);
    return promise;
  }

  discard(): void {
    if (!this.#finished) this.#finish();
  }

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    this.#mayBeStale = this.connection.requestCount > 0;
    if (this.#finished) controller.abort(new Error('the client has left'));
    else this.#onBodyProgress();
  }

  onRequestSent(): void {
    if (this.#head === undefined) this.#extendDeadline(this.#transportRequest.timeouts.headers);
  }

  onResponseStart({ rawHeaders }: DispatchController, status: number): void {
    if (this.#finished) return;
    this.#mayBeStale = false;
    const raw = decodeRawHeaders(rawHeaders);
    if (status < 200) {
      this.#writeInformational(status, raw);
      return;
    }
    try {
      this.#head = new ResponseHead(status, raw);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#extendDeadline(this.#transportRequest.timeouts.read);
    this.#response.resolve(this);
  }

  onResponseData(_controller: DispatchController, chunk: Buffer): void {
    if (this.#finished) return;
    if (this.#resolveOutcome === undefined) (this.#earlyChunks ??= []).push(chunk);
    else this.#writeChunk(chunk);
  }

  onResponseEnd({ rawTrailers }: DispatchController): void {
    this.#responseComplete = true;
    this.#dispatchEvents.onComplete(this.connection);
    if (this.#finished) return;
    this.#trailers = decodeRawHeaders(rawTrailers);
    if (this.#resolveOutcome !== undefined) this.#endResponse();
  }

  onResponseError(_controller: DispatchController, cause: Error): void {
    this.#dispatchEvents.onConnectionBroken(this.connection);
    const { request } = this.#transportRequest;
    if (request.destroyed && !request.complete) this.#onClientClose();
    else if (!this.#responseComplete)
      this.#fail(isInvalidRequest(cause) ? cause : this.#toTransportError(cause));
  }

  onTimeout(): void {
    if (this.#controller === undefined) this.#fail(new TransportError('timeout', { unsent: true }));
    else if (this.#paused || this.#responseComplete) this.#transportRequest.response.destroy();
    else
      this.#fail(
        new TransportError(
          this.requestBodyStream?.isWaitingForClient === true ? 'client_timeout' : 'timeout',
        ),
      );
  }

  readonly #onBodyWanted = (): void => {
    sendContinue(this.#transportRequest);
  };

  readonly #onBodyProgress = (): void => {
    const { client, write } = this.#transportRequest.timeouts;
    if (this.#head === undefined) this.#extendDeadline(Math.min(client, write));
  };

  #bodySizeLimit(): BodySizeLimit | undefined {
    const { bodyLimit } = this.#transportRequest;
    return bodyLimit && { bytes: bodyLimit.bytes, onExceeded: () => this.#fail(bodyLimit.error()) };
  }

  #extendDeadline(milliseconds: number): void {
    this.expiresAt = performance.now() + milliseconds;
  }

  #writeChunk(chunk: Buffer): void {
    const { response, timeouts } = this.#transportRequest;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.chunk(chunk);
    this.#extendDeadline(timeouts.read);
    if (response.write(chunk) || this.#paused || this.#responseComplete) return;
    this.#paused = true;
    this.#controller?.pause();
    response.once('drain', () => {
      this.#paused = false;
      this.#extendDeadline(timeouts.read);
      this.#controller?.resume();
    });
  }

  #endResponse(): void {
    const { response, timeouts } = this.#transportRequest;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.end(true);
    this.#extendDeadline(timeouts.read);
    if (this.#trailers.length > 0) response.addTrailers(toHeaderRecord(this.#trailers));
    response.end();
  }

  /** The exchange had ended before `stream` was called. */
  #endEarly(outcome: ResponseOutcome): void {
    for (const bodyFilter of this.#bodyFilters) bodyFilter.end(false);
    this.#resolveOutcome?.(outcome);
    if (outcome === 'broken-off') this.#transportRequest.response.destroy();
  }

  /** Forwards 103 and other 1xx responses, which HTTP/1.0 does not have. */
  #writeInformational(status: number, raw: readonly string[]): void {
    const { request, response } = this.#transportRequest;
    if (request.httpVersion === '1.1') response.writeInformation(status, toHeaderRecord(raw));
  }

  #toTransportError(cause: Error): TransportError {
    if (this.#controller === undefined) return new TransportError('connect_error', { unsent: true, cause });
    return new TransportError('reset', { staleConnection: this.#mayBeStale && isReset(cause), cause });
  }

  #fail(failure: unknown): void {
    if (this.#finished) return;
    this.#finish();
    if (this.#head === undefined) {
      this.#response.reject(failure);
      return;
    }
    this.#outcome = 'broken-off';
    if (this.#resolveOutcome === undefined) return;
    this.#resolveOutcome('broken-off');
    this.#transportRequest.response.destroy();
  }

  /** The client's response has ended, in full or not. */
  readonly #onClientClose = (): void => {
    if (this.#finished) return;
    this.#finish();
    this.#outcome = this.#transportRequest.response.writableFinished ? 'answered' : 'client-gone';
    if (this.#head === undefined) this.#response.resolve(undefined);
    else this.#resolveOutcome?.(this.#outcome);
  };

  #finish(): void {
    this.#finished = true;
    this.expiresAt = Infinity;
    this.#transportRequest.response.off('close', this.#onClientClose);
    this.#dispatchEvents.onEnd(this);
    if (this.#responseComplete) return;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.end(false);
    if (this.#controller === undefined) this.#dispatchEvents.onConnectionBroken(this.connection);
    else this.#controller.abort(new Error('the response is not needed any more'));
  }
}

/**
 * Node holds the headers back until the first chunk, to send both in one packet. If that chunk did not arrive with
 * the headers (server-sent events, a slow download), they must not wait for it.
 */
function flushHeaders(response: TransportRequest['response']): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Whether the client has a body, and no plugin has replaced it. */
function hasStreamedBody({ request: { headers }, body }: TransportRequest): boolean {
  if (body !== undefined) return false;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** undici rejects the request: a plugin has set a header that HTTP does not allow. */
function isInvalidRequest(error: Error): boolean {
  return 'code' in error && (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED');
}

const RESET_CODES = new Set<unknown>(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function isReset(error: Error): boolean {
  return 'code' in error && RESET_CODES.has(error.code);
}
