import type { Dispatcher } from 'undici';
import type { BodyTap } from '../plugins/plugin.ts';
import { AnswerHead } from './answer-head.ts';
import { askForBody } from './ask-for-body.ts';
import type { Connection } from './connections.ts';
import { ForwardFailed, type Call, type Outcome, type Passage } from './forwarder.ts';
import { recordOf, textsOf } from './raw-headers.ts';
import { Upload, type UploadLimit } from './upload.ts';
import type { Watched } from './watchdog.ts';

/** Who began an exchange hears what becomes of its connection. */
export interface Keeper {
  /** The answer has come, in full: the connection may be used again. */
  complete(connection: Connection): void;
  /** The connection is of no more use. */
  broken(connection: Connection): void;
  /** Nothing is left to be watched. */
  over(exchange: Exchange): void;
}

type Controller = Dispatcher.DispatchController;

const NO_TAPS: readonly BodyTap[] = [];

/**
 * One request on its way to an instance, and the answer on its way back: what undici tells of it goes straight
 * to the client's response, chunk by chunk, with no stream between. One object a request, without a timer, a
 * listener or a closure that most requests do not need.
 */
export class Exchange implements Dispatcher.DispatchHandler, Watched {
  dueAt: number;
  place = -1;
  readonly connection: Connection;
  readonly upload: Upload | undefined;
  readonly #call: Call;
  readonly #keeper: Keeper;
  readonly #head = Promise.withResolvers<Passage>();
  #end: ((outcome: Outcome) => void) | undefined;
  #controller: Controller | undefined;
  #taps = NO_TAPS;
  /** It went over a connection that had carried others, and nothing has come back. */
  #mayHaveCrossed = false;
  #paused = false;
  #complete = false;
  #over = false;

  constructor(call: Call, connection: Connection, keeper: Keeper) {
    this.#call = call;
    this.#keeper = keeper;
    this.connection = connection;
    this.upload = streams(call)
      ? new Upload(call.request, { began: this.#wanted, moved: this.#moved, limit: this.#uploadLimit() })
      : undefined;
    this.dueAt = performance.now() + call.timers.connect;
    // It comes once, and `once` would cost a wrapper.
    call.response.on('close', this.#closed);
  }

  /** Resolves with the head of the answer. */
  get passage(): Promise<Passage> {
    return this.#head.promise;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    this.#mayHaveCrossed = this.connection.served > 0;
    if (this.#over) controller.abort(new Error('the client has gone'));
    else this.#moved();
  }

  onRequestSent(): void {
    if (this.#end === undefined) this.#dueIn(this.#call.timers.headers);
  }

  onResponseStart({ rawHeaders }: Controller, status: number): void {
    if (this.#over) return;
    this.#mayHaveCrossed = false;
    const raw = textsOf(rawHeaders);
    if (status < 200) {
      this.#inform(status, raw);
      return;
    }
    try {
      this.#begin(new AnswerHead(status, raw), status);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#over) return;
    const { response, timers } = this.#call;
    for (const tap of this.#taps) tap.chunk(chunk);
    this.#dueIn(timers.read);
    if (response.write(chunk)) return;
    this.#paused = true;
    controller.pause();
    response.once('drain', () => {
      this.#paused = false;
      this.#dueIn(timers.read);
      controller.resume();
    });
  }

  onResponseEnd({ rawTrailers }: Controller): void {
    this.#complete = true;
    this.#keeper.complete(this.connection);
    if (this.#over) return;
    const { response, timers } = this.#call;
    for (const tap of this.#taps) tap.end(true);
    this.#dueIn(timers.read);
    const trailers = textsOf(rawTrailers);
    if (trailers.length > 0) response.addTrailers(recordOf(trailers));
    response.end();
  }

  onResponseError(_controller: Controller, cause: Error): void {
    this.#keeper.broken(this.connection);
    const { request } = this.#call;
    if (request.destroyed && !request.complete) this.#closed();
    else if (!this.#complete) this.#giveUp(isDefect(cause) ? cause : this.#failure(cause));
  }

  missed(): void {
    if (this.#controller === undefined) this.#giveUp(new ForwardFailed('late', { unsent: true }));
    else if (this.#paused || this.#complete) this.#call.response.destroy();
    else this.#giveUp(new ForwardFailed(this.upload?.waitsForClient === true ? 'stalled' : 'late'));
  }

  readonly #wanted = (): void => {
    askForBody(this.#call);
  };

  readonly #moved = (): void => {
    const { client, write } = this.#call.timers;
    if (this.#end === undefined) this.#dueIn(Math.min(client, write));
  };

  #uploadLimit(): UploadLimit | undefined {
    const { bodyLimit } = this.#call;
    return bodyLimit && { bytes: bodyLimit.bytes, exceeded: () => this.#giveUp(bodyLimit.error()) };
  }

  #dueIn(milliseconds: number): void {
    this.dueAt = performance.now() + milliseconds;
  }

  /** @throws what a plugin throws, and {ForwardFailed} where Node makes no answer of it. */
  #begin(head: AnswerHead, status: number): void {
    const { response, timers } = this.#call;
    if (head.strangelyCoded) throw new ForwardFailed('broken', { cause: new Error('its coding is unknown') });
    this.#taps = this.#call.answered(head);
    try {
      head.writeTo(response);
    } catch (cause) {
      throw new ForwardFailed('broken', { cause });
    }
    const { promise: ended, resolve } = Promise.withResolvers<Outcome>();
    this.#end = resolve;
    this.#dueIn(timers.read);
    this.#head.resolve({ status, ended });
    process.nextTick(flush, response);
  }

  /** 103 and its like; HTTP/1.0 knows none. */
  #inform(status: number, raw: readonly string[]): void {
    const { request, response } = this.#call;
    if (request.httpVersion === '1.1') response.writeInformation(status, recordOf(raw));
  }

  #failure(cause: Error): ForwardFailed {
    if (this.#controller === undefined) return new ForwardFailed('unreachable', { unsent: true, cause });
    return new ForwardFailed('broken', { crossed: this.#mayHaveCrossed && isReset(cause), cause });
  }

  #giveUp(failure: unknown): void {
    if (this.#over) return;
    this.#letGo();
    if (this.#end === undefined) {
      this.#head.reject(failure);
      return;
    }
    this.#end('broken-off');
    this.#call.response.destroy();
  }

  /** The client's response has ended, whether in full or not. */
  readonly #closed = (): void => {
    if (this.#over) return;
    this.#letGo();
    const outcome = this.#call.response.writableFinished ? 'answered' : 'client-gone';
    if (this.#end === undefined) this.#head.resolve({ status: undefined, ended: Promise.resolve(outcome) });
    else this.#end(outcome);
  };

  #letGo(): void {
    this.#over = true;
    this.dueAt = Infinity;
    this.#call.response.off('close', this.#closed);
    this.#keeper.over(this);
    if (this.#complete) return;
    for (const tap of this.#taps) tap.end(false);
    if (this.#controller === undefined) this.#keeper.broken(this.connection);
    else this.#controller.abort(new Error('nobody waits for the answer any more'));
  }
}

/**
 * Headers wait for the first of the body, to share its packet. Where that has not come with them (events, a
 * slow download), they must not wait for it.
 */
function flush(response: Call['response']): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Whether the client's body is to be sent. */
function streams({ request: { headers }, body }: Call): boolean {
  if (body !== undefined) return false;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** undici refuses to send it: headers that a plugin has made and HTTP does not know. */
function isDefect(error: Error): boolean {
  return 'code' in error && (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED');
}

const RESETS = new Set<unknown>(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function isReset(error: Error): boolean {
  return 'code' in error && RESETS.has(error.code);
}
