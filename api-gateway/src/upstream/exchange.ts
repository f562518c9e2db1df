import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { createDeadline } from './deadline.ts';
import { ForwardFailed, type Outcome, type Target, type Timers } from './forwarder.ts';
import { passBack } from './pass-back.ts';

/** One request on its way to an instance, and the answer on its way back. */
export interface Exchange {
  readonly target: Target;
  /** The request's body, which begins to flow once the connection stands; undefined where there is none. */
  readonly body: PassThrough | undefined;
  readonly outcome: Promise<Outcome>;
  /** The request has a socket, which may not stand yet. */
  sent(outgoing: ClientRequest): void;
  /** The headers of the answer are there. */
  answered(answer: IncomingMessage): void;
  /** The first failure counts. */
  fail(error: unknown): void;
  clientGone(): void;
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  timers: Timers,
): Exchange {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const body = hasBody(target) ? new PassThrough() : undefined;
  const connecting = createDeadline();
  const waiting = createDeadline();
  let outgoing: ClientRequest | undefined;
  let received: IncomingMessage | undefined;
  let stood = false;
  let ended = false;

  /** Whether this is the first end, as only that counts. */
  function end(): boolean {
    if (ended) return false;
    ended = true;
    connecting.clear();
    waiting.clear();
    response.off('close', closed);
    return true;
  }

  function closed(): void {
    if (end()) resolve(response.writableFinished ? 'answered' : 'client-gone');
  }

  function giveUp(failure: ForwardFailed): void {
    if (!end()) return;
    if (response.headersSent) resolve('broken-off');
    else reject(failure);
    if (response.headersSent) response.destroy();
    outgoing?.destroy();
  }

  function idle(): void {
    const stalled = !request.complete && outgoing?.writableNeedDrain !== true;
    giveUp(new ForwardFailed(stalled ? 'stalled' : 'late'));
  }

  /** Not before: what was read of a body cannot be sent again, to another instance. */
  function stands(): void {
    stood = true;
    connecting.clear();
    if (body !== undefined && !ended) request.pipe(body);
  }

  response.on('close', closed);

  return {
    target,
    body,
    outcome: promise,
    sent: (made) => {
      outgoing = made;
      made.setTimeout(timers.idle, idle);
      made.once('finish', () => {
        if (!ended && !response.headersSent)
          waiting.set(timers.headers, () => giveUp(new ForwardFailed('late')));
      });
      if (made.socket?.connecting === true) {
        connecting.set(timers.connect, () => giveUp(new ForwardFailed('late', { unsent: true })));
        made.socket.once('connect', stands);
      } else {
        stands();
      }
    },
    answered: (answer) => {
      waiting.clear();
      if (ended) return;
      received = answer;
      try {
        passBack(answer, response);
      } catch (cause) {
        giveUp(new ForwardFailed('broken', { cause }));
        return;
      }
      answer.once('end', () => {
        if (!ended) waiting.set(timers.idle, () => response.destroy());
      });
      answer.once('close', () => {
        if (!answer.complete) giveUp(new ForwardFailed('broken'));
      });
    },
    fail: (cause) => {
      // What goes wrong with the connection after the whole answer is nothing to the client.
      if (received?.complete === true) return;
      if (!stood) giveUp(new ForwardFailed('unreachable', { unsent: true, cause }));
      else
        giveUp(
          new ForwardFailed('broken', { crossed: outgoing?.reusedSocket === true && isReset(cause), cause }),
        );
    },
    clientGone: closed,
  };
}

function isReset(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function hasBody({ headers }: Target): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
