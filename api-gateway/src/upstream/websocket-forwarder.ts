import type { ClientRequest, IncomingMessage } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { AnswerHead } from './answer-head.ts';
import { ForwardFailed, type Call, type Forwarder, type Outcome, type Passage } from './forwarder.ts';
import { upgradeOf, type Upgrade } from './upgrade.ts';

const ATTEMPT = Symbol('attempt');

interface Forwarded extends IncomingMessage {
  [ATTEMPT]?: Attempt;
}

/** What the library's events, which know the request alone, are told to. */
interface Attempt {
  readonly call: Call;
  began(outgoing: ClientRequest): void;
  fail(error: Error): void;
}

/**
 * Carries requests that become WebSockets, on http-proxy-middleware: it sends them and joins the two
 * connections. What goes wrong before that is taken out of its hands, since it would end the client's
 * connection, over which there is an answer to be given, or another instance to be asked for one.
 */
export function createWebSocketForwarder(): Forwarder {
  const joined = new Set<Upgrade['socket']>();
  const proxy = createProxyMiddleware<Forwarded>({
    ejectPlugins: true,
    router: (request) => attemptOf(request).call.origin.href,
    plugins: [
      (server) => {
        server.on('proxyReqWs', (outgoing, request) => attemptOf(request).began(outgoing));
        server.on('error', (error, request) => request?.[ATTEMPT]?.fail(error));
      },
    ],
  });

  return {
    forward: async (call) => {
      const upgrade = upgradeOf(call.request);
      if (upgrade === undefined || call.response.destroyed) return gone();
      const { socket, head } = upgrade;
      const request: Forwarded = call.request;
      const { promise, attempt } = createAttempt(call, upgrade, () => {
        joined.add(socket);
        socket.once('close', () => joined.delete(socket));
      });
      request[ATTEMPT] = attempt;
      request.url = call.path;
      request.headers = {
        ...call.headers,
        host: call.headers.host ?? call.origin.host,
        connection: 'Upgrade',
        upgrade: 'websocket',
      };
      proxy.upgrade(request, socket, head);
      return promise;
    },
    close: () => {
      for (const socket of joined) socket.destroy();
    },
  };
}

function attemptOf(request: Forwarded): Attempt {
  const attempt = request[ATTEMPT];
  if (attempt === undefined) throw new Error('A request that is forwarded has an attempt.');
  return attempt;
}

function gone(): Passage {
  return { status: undefined, ended: Promise.resolve('client-gone') };
}

function createAttempt(call: Call, { socket }: Upgrade, taken: () => void) {
  const { promise, resolve, reject } = Promise.withResolvers<Passage>();
  const { response, timers } = call;
  let outgoing: ClientRequest | undefined;
  let connected = false;
  let timer = setTimeout(late, timers.connect);

  function settle(): void {
    clearTimeout(timer);
    response.off('close', left);
    socket.off('readable', look).off('end', left);
  }

  /** Nobody reads of the client's connection yet, and who does not read hears of no end. */
  function look(): void {
    if (socket.readableLength === 0) socket.read(0);
  }

  function fail(cause: Error): void {
    settle();
    reject(new ForwardFailed(connected ? 'broken' : 'unreachable', { unsent: !connected, cause }));
  }

  function late(): void {
    settle();
    reject(new ForwardFailed('late', { unsent: !connected }));
    outgoing?.destroy();
  }

  function left(): void {
    settle();
    resolve(gone());
    outgoing?.destroy();
    socket.destroy();
  }

  /** Both connections are one from here on, and the response is without. */
  function switched(answer: IncomingMessage): void {
    settle();
    try {
      call.answered(new AnswerHead(101, answer.rawHeaders));
    } catch (error) {
      reject(error);
      socket.destroy();
      return;
    }
    response.statusCode = 101;
    response.detachSocket(call.request.socket);
    const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
    socket.once('close', () => {
      response.emit('close');
      end('answered');
    });
    taken();
    resolve({ status: 101, ended });
  }

  /** No WebSocket: an answer like any other. */
  function answered(answer: IncomingMessage): void {
    settle();
    try {
      resolve({ status: answer.statusCode, ended: passOn(answer, call) });
    } catch (error) {
      reject(error);
      answer.destroy();
    }
  }

  function stands(): void {
    connected = true;
    clearTimeout(timer);
    timer = setTimeout(late, timers.headers);
  }

  const attempt: Attempt = {
    call,
    fail,
    began: (made) => {
      outgoing = made;
      response.once('close', left);
      socket.once('end', left).on('readable', look);
      made.once('socket', (wire) => wire.once('connect', stands));
      made.once('upgrade', switched);
      // The library adds its own listeners right after this.
      queueMicrotask(() => {
        made.removeAllListeners('response').once('response', answered);
        made.removeAllListeners('error').on('error', fail);
      });
    },
  };
  return { promise, attempt };
}

/** @throws what a plugin throws, and {ForwardFailed} where Node makes no answer of it; then nothing is sent. */
function passOn(answer: IncomingMessage, { response, timers, answered }: Call): Promise<Outcome> {
  const head = new AnswerHead(answer.statusCode ?? 502, answer.rawHeaders);
  if (head.strangelyCoded) throw new ForwardFailed('broken', { cause: new Error('its coding is unknown') });
  const taps = answered(head);
  try {
    head.writeTo(response);
  } catch (cause) {
    throw new ForwardFailed('broken', { cause });
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
  response.once('close', () => end(response.writableFinished ? 'answered' : 'client-gone'));
  answer.on('data', (chunk: Buffer) => {
    for (const tap of taps) tap.chunk(chunk);
  });
  answer.once('close', () => {
    for (const tap of taps) tap.end(answer.complete);
    if (!answer.complete) response.destroy();
  });
  answer.setTimeout(timers.read, () => answer.destroy());
  answer.pipe(response);
  return ended;
}
