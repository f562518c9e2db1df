import type { ClientRequest, IncomingMessage } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { ResponseHead } from './response-head.ts';
import {
  TransportError,
  type TransportRequest,
  type Transport,
  type ResponseOutcome,
  type TransportResponse,
} from './transport.ts';
import { getUpgrade, type ProtocolUpgrade } from './upgrade.ts';

const ATTEMPT = Symbol('attempt');

interface ProxiedRequest extends IncomingMessage {
  [ATTEMPT]?: UpgradeAttempt;
}

/** The library's events carry the request alone: this is what they are reported to. */
interface UpgradeAttempt {
  readonly transportRequest: TransportRequest;
  onStart(outgoing: ClientRequest): void;
  fail(error: Error): void;
}

/**
 * Sends requests that become WebSockets, by http-proxy-middleware, which joins the two connections. Failures before
 * that are handled here: the library would close the client's connection, which the gateway still needs for an error
 * response or for another instance's response.
 */
export function createWebSocketTransport(): Transport {
  const joined = new Set<ProtocolUpgrade['socket']>();
  const proxy = createProxyMiddleware<ProxiedRequest>({
    ejectPlugins: true,
    router: (request) => attemptOf(request).transportRequest.origin.href,
    plugins: [
      (server) => {
        server.on('proxyReqWs', (outgoing, request) => attemptOf(request).onStart(outgoing));
        server.on('error', (error, request) => request?.[ATTEMPT]?.fail(error));
      },
    ],
  });

  return {
    send: async (transportRequest) => {
      const upgrade = getUpgrade(transportRequest.request);
      if (upgrade === undefined || transportRequest.response.destroyed) return undefined;
      const { socket, head } = upgrade;
      const request: ProxiedRequest = transportRequest.request;
      const { promise, attempt } = createUpgradeAttempt(transportRequest, upgrade, () => {
        joined.add(socket);
        socket.once('close', () => joined.delete(socket));
      });
      request[ATTEMPT] = attempt;
      request.url = transportRequest.path;
      request.headers = {
        ...transportRequest.headers,
        host: transportRequest.headers.host ?? transportRequest.origin.host,
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

function attemptOf(request: ProxiedRequest): UpgradeAttempt {
  const attempt = request[ATTEMPT];
  if (attempt === undefined) throw new Error('A request that is forwarded has an attempt.');
  return attempt;
}

function createUpgradeAttempt(
  transportRequest: TransportRequest,
  { socket }: ProtocolUpgrade,
  onUpgraded: () => void,
) {
  const { promise, resolve, reject } = Promise.withResolvers<TransportResponse | undefined>();
  const { response, timeouts } = transportRequest;
  let outgoing: ClientRequest | undefined;
  let connected = false;
  let timer = setTimeout(onTimeout, timeouts.connect);

  function cleanUp(): void {
    clearTimeout(timer);
    response.off('close', onClientClose);
    socket.off('readable', pollSocket).off('end', onClientClose);
  }

  /** The client's socket is not read yet, so it would emit no `end`: poll it. */
  function pollSocket(): void {
    if (socket.readableLength === 0) socket.read(0);
  }

  function fail(cause: Error): void {
    cleanUp();
    reject(new TransportError(connected ? 'reset' : 'connect_error', { unsent: !connected, cause }));
  }

  function onTimeout(): void {
    cleanUp();
    reject(new TransportError('timeout', { unsent: !connected }));
    outgoing?.destroy();
  }

  function onClientClose(): void {
    cleanUp();
    resolve(undefined);
    outgoing?.destroy();
    socket.destroy();
  }

  /** The library has joined both sockets and sends the head: from here on the response has no socket. */
  function onUpgrade(answer: IncomingMessage): void {
    cleanUp();
    response.statusCode = 101;
    response.detachSocket(transportRequest.request.socket);
    const { promise: ended, resolve: end } = Promise.withResolvers<ResponseOutcome>();
    socket.once('close', () => {
      response.emit('close');
      end('answered');
    });
    onUpgraded();
    resolve({
      head: new ResponseHead(101, answer.rawHeaders),
      stream: () => ended,
      discard: () => socket.destroy(),
    });
  }

  /** The instance refuses the upgrade with an ordinary response. */
  function onResponse(answer: IncomingMessage): void {
    cleanUp();
    try {
      resolve(createTransportResponse(answer, transportRequest));
    } catch (error) {
      reject(error);
      answer.destroy();
    }
  }

  function onConnect(): void {
    connected = true;
    clearTimeout(timer);
    timer = setTimeout(onTimeout, timeouts.headers);
  }

  const attempt: UpgradeAttempt = {
    transportRequest,
    fail,
    onStart: (clientRequest) => {
      outgoing = clientRequest;
      response.once('close', onClientClose);
      socket.once('end', onClientClose).on('readable', pollSocket);
      clientRequest.once('socket', (wire) => wire.once('connect', onConnect));
      clientRequest.once('upgrade', onUpgrade);
      // The library adds its own listeners right after this.
      queueMicrotask(() => {
        clientRequest.removeAllListeners('response').once('response', onResponse);
        clientRequest.removeAllListeners('error').on('error', fail);
      });
    },
  };
  return { promise, attempt };
}

/** @throws {TransportError} for a Transfer-Encoding that the gateway cannot forward. */
function createTransportResponse(
  answer: IncomingMessage,
  { response, timeouts }: TransportRequest,
): TransportResponse {
  const head = new ResponseHead(answer.statusCode ?? 502, answer.rawHeaders);
  return {
    head,
    stream: async (bodyFilters) => {
      head.writeTo(response);
      const { promise: ended, resolve: end } = Promise.withResolvers<ResponseOutcome>();
      response.once('close', () => end(response.writableFinished ? 'answered' : 'client-gone'));
      answer.on('data', (chunk: Buffer) => {
        for (const bodyFilter of bodyFilters) bodyFilter.chunk(chunk);
      });
      answer.once('close', () => {
        for (const bodyFilter of bodyFilters) bodyFilter.end(answer.complete);
        if (!answer.complete) response.destroy();
      });
      answer.setTimeout(timeouts.read, () => answer.destroy());
      answer.pipe(response);
      return ended;
    },
    discard: () => answer.destroy(),
  };
}
