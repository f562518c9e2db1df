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
import { toHeaderRecord, decodeRawHeaders } from './raw-headers.ts';
import { RequestBodyStream, type BodySizeLimit } from './request-body-stream.ts';
import type { DeadlineTimer } from './deadline-timers.ts';

/** Who dispatched a request hears what becomes of its connection. */
export interface DispatchEvents {
  /** The answer has come, in full: the connection may be used again. */
  onComplete(connection: PooledConnection): void;
  /** The connection is of no more use. */
  onConnectionBroken(connection: PooledConnection): void;
  /** Nothing is left to be watched. */
  onEnd(handler: UndiciDispatchHandler): void;
}

type DispatchController = Dispatcher.DispatchController;

const NO_BODY_FILTERS: readonly BodyFilter[] = [];

/**
 * One request on its way to an instance, and the answer on its way back: what undici tells of it goes straight
 * to the client's response, chunk by chunk, with no stream between. One object a request, without a timer, a
 * listener or a closure that most requests do not need.
 */
export class UndiciDispatchHandler implements Dispatcher.DispatchHandler, DeadlineTimer {
  expiresAt: number;
  index = -1;
  readonly connection: PooledConnection;
  readonly requestBodyStream: RequestBodyStream | undefined;
  readonly #transportRequest: TransportRequest;
  readonly #dispatchEvents: DispatchEvents;
  readonly #responseHead = Promise.withResolvers<TransportResponse>();
  #resolveOutcome: ((outcome: ResponseOutcome) => void) | undefined;
  #controller: DispatchController | undefined;
  #bodyFilters = NO_BODY_FILTERS;
  /** It went over a connection that had carried others, and nothing has come back. */
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
    // It comes once, and `once` would cost a wrapper.
    transportRequest.response.on('close', this.#onClientClose);
  }

  /** Resolves with the head of the answer. */
  get response(): Promise<TransportResponse> {
    return this.#responseHead.promise;
  }

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    this.#mayBeStale = this.connection.requestCount > 0;
    if (this.#finished) controller.abort(new Error('the client has gone'));
    else this.#onBodyProgress();
  }

  onRequestSent(): void {
    if (this.#resolveOutcome === undefined) this.#extendDeadline(this.#transportRequest.timeouts.headers);
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
      this.#startResponse(new ResponseHead(status, raw), status);
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    if (this.#finished) return;
    const { response, timeouts } = this.#transportRequest;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.chunk(chunk);
    this.#extendDeadline(timeouts.read);
    if (response.write(chunk)) return;
    this.#paused = true;
    controller.pause();
    response.once('drain', () => {
      this.#paused = false;
      this.#extendDeadline(timeouts.read);
      controller.resume();
    });
  }

  onResponseEnd({ rawTrailers }: DispatchController): void {
    this.#responseComplete = true;
    this.#dispatchEvents.onComplete(this.connection);
    if (this.#finished) return;
    const { response, timeouts } = this.#transportRequest;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.end(true);
    this.#extendDeadline(timeouts.read);
    const trailers = decodeRawHeaders(rawTrailers);
    if (trailers.length > 0) response.addTrailers(toHeaderRecord(trailers));
    response.end();
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
    if (this.#resolveOutcome === undefined) this.#extendDeadline(Math.min(client, write));
  };

  #bodySizeLimit(): BodySizeLimit | undefined {
    const { bodyLimit } = this.#transportRequest;
    return bodyLimit && { bytes: bodyLimit.bytes, onExceeded: () => this.#fail(bodyLimit.error()) };
  }

  #extendDeadline(milliseconds: number): void {
    this.expiresAt = performance.now() + milliseconds;
  }

  /** @throws what a plugin throws, and {TransportError} where Node makes no answer of it. */
  #startResponse(head: ResponseHead, status: number): void {
    const { response, timeouts } = this.#transportRequest;
    if (head.unsupportedTransferEncoding)
      throw new TransportError('reset', { cause: new Error('its coding is unknown') });
    this.#bodyFilters = this.#transportRequest.onResponseHead(head);
    try {
      head.writeTo(response);
    } catch (cause) {
      throw new TransportError('reset', { cause });
    }
    const { promise: ended, resolve } = Promise.withResolvers<ResponseOutcome>();
    this.#resolveOutcome = resolve;
    this.#extendDeadline(timeouts.read);
    this.#responseHead.resolve({ status, ended });
    process.nextTick(flushHeaders, response);
  }

  /** 103 and its like; HTTP/1.0 knows none. */
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
    if (this.#resolveOutcome === undefined) {
      this.#responseHead.reject(failure);
      return;
    }
    this.#resolveOutcome('broken-off');
    this.#transportRequest.response.destroy();
  }

  /** The client's response has ended, whether in full or not. */
  readonly #onClientClose = (): void => {
    if (this.#finished) return;
    this.#finish();
    const outcome = this.#transportRequest.response.writableFinished ? 'answered' : 'client-gone';
    if (this.#resolveOutcome === undefined)
      this.#responseHead.resolve({ status: undefined, ended: Promise.resolve(outcome) });
    else this.#resolveOutcome(outcome);
  };

  #finish(): void {
    this.#finished = true;
    this.expiresAt = Infinity;
    this.#transportRequest.response.off('close', this.#onClientClose);
    this.#dispatchEvents.onEnd(this);
    if (this.#responseComplete) return;
    for (const bodyFilter of this.#bodyFilters) bodyFilter.end(false);
    if (this.#controller === undefined) this.#dispatchEvents.onConnectionBroken(this.connection);
    else this.#controller.abort(new Error('nobody waits for the answer any more'));
  }
}

/**
 * Headers wait for the first of the body, to share its packet. Where that has not come with them (events, a
 * slow download), they must not wait for it.
 */
function flushHeaders(response: TransportRequest['response']): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Whether the client's body is to be sent. */
function hasStreamedBody({ request: { headers }, body }: TransportRequest): boolean {
  if (body !== undefined) return false;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** undici refuses to send it: headers that a plugin has made and HTTP does not know. */
function isInvalidRequest(error: Error): boolean {
  return 'code' in error && (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED');
}

const RESET_CODES = new Set<unknown>(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function isReset(error: Error): boolean {
  return 'code' in error && RESET_CODES.has(error.code);
}
