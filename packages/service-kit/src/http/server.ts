import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerUnparsable, refuseConnect } from './unparsable.ts';

export interface ListeningServer {
  readonly port: number;
  readonly server: Server;
  /** Takes no new connection, ends idle ones, and resolves when the last request is answered. */
  close(): Promise<void>;
}

/** A server that does more than answer requests. */
export interface Handlers {
  readonly request: RequestListener;
  /** Gets the requests whose client waits to be told that its body is wanted. Without it, everybody is told so. */
  readonly expectContinue?: RequestListener;
  /** Takes connections over for other protocols. Without it, nobody's wish for one is heard. */
  readonly upgrade?: {
    /** The others' wish is not heard: they are answered as if they had not asked. */
    readonly accepts: (request: IncomingMessage) => boolean;
    readonly take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
    /** Ends what was taken over: the server is closing, and waits for its last connection. */
    readonly end: () => void;
  };
}

/** Milliseconds that an idle connection is kept: longer than any client of ours keeps its own. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const IDLE_SWEEP_MS = 50;
/** How often Node looks for requests that are late; its own 30 s would make forty of ten. */
const LATE_SWEEP_MS = 1_000;

/**
 * A server whose requests have 10 s for their headers and `requestTimeout` milliseconds for all of them
 * (0: no limit; less than 10 s holds for the headers as well). @throws what `listen` emits, EADDRINUSE above all.
 */
export async function listen(
  handler: RequestListener | Handlers,
  port: number,
  host: string,
  requestTimeout = REQUEST_MS,
): Promise<ListeningServer> {
  const { request, expectContinue, upgrade } = typeof handler === 'function' ? { request: handler } : handler;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: requestTimeout === 0 ? HEADERS_MS : Math.min(HEADERS_MS, requestTimeout),
      requestTimeout,
      connectionsCheckingInterval: LATE_SWEEP_MS,
      shouldUpgradeCallback: (asking) => upgrade?.accepts(asking) ?? false,
    },
    request,
  );
  if (expectContinue !== undefined) server.on('checkContinue', expectContinue);
  if (upgrade !== undefined) server.on('upgrade', upgrade.take);
  server.on('clientError', answerUnparsable);
  server.on('connect', refuseConnect);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: portOf(server.address()), server, close: () => close(server, upgrade?.end) };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server, endUpgraded?: () => void): Promise<void> {
  endUpgraded?.();
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
}
