import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createMessageClasses } from './express-prototypes.ts';
import { handleClientError, rejectConnect } from './client-error-handler.ts';

export interface ListeningServer {
  readonly port: number;
  readonly server: Server;
  /** From now on responses close their connections, so that no client sends a request over one that is about to close. */
  drain(): void;
  /** Takes no new connection, ends idle ones, and resolves when the last request is answered. */
  close(): Promise<void>;
}

/** A server that does more than answer requests. */
export interface ServerHandlers {
  readonly request: RequestListener;
  /** Handles requests with `Expect: 100-continue`. Without it, Node answers 100 to each. */
  readonly expectContinue?: RequestListener;
  /** Takes connections over for other protocols. Without it, `Upgrade` headers are ignored. */
  readonly upgrade?: {
    /** The others' wish is not heard: they are answered as if they had not asked. */
    readonly accepts: (request: IncomingMessage) => boolean;
    readonly handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
    /** Ends what was taken over: the server is closing, and waits for its last connection. */
    readonly closeAll: () => void;
  };
}

/** Milliseconds that an idle connection is kept: longer than any client of ours keeps its own. */
const KEEP_ALIVE_MS = 65_000;
const IDLE_SWEEP_MS = 50;
/** How often Node looks for requests that are late, at the least; its own 30 s would make forty of ten. */
const LATE_SWEEP_MS = 1_000;

/** How long clients may take to send a request, in milliseconds. */
export interface ServerTimeouts {
  /** For the headers, from the first moment of the connection. Default 10,000. */
  readonly headersMs?: number;
  /** For all of it; 0 for no limit. What is less than for the headers holds for them as well. Default 60,000. */
  readonly requestMs?: number;
}

/**
 * A server whose requests must arrive within these times, late by a quarter of the shorter one, at most 1 s.
 * @throws what `listen` emits, EADDRINUSE above all.
 */
export async function listen(
  handler: RequestListener | ServerHandlers,
  port: number,
  host: string,
  { headersMs = 10_000, requestMs = 60_000 }: ServerTimeouts = {},
): Promise<ListeningServer> {
  const headersTimeout = requestMs === 0 ? headersMs : Math.min(headersMs, requestMs);
  const { request, expectContinue, upgrade } = typeof handler === 'function' ? { request: handler } : handler;
  const server = createServer(
    {
      ...createMessageClasses(request),
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(LATE_SWEEP_MS, Math.ceil(headersTimeout / 4)),
      shouldUpgradeCallback: (asking) => upgrade?.accepts(asking) ?? false,
    },
    request,
  );
  if (expectContinue !== undefined) server.on('checkContinue', expectContinue);
  if (upgrade !== undefined) server.on('upgrade', upgrade.handle);
  server.on('clientError', handleClientError);
  server.on('connect', rejectConnect);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: toPort(server.address()),
    server,
    drain: () => void server.prependListener('request', closeAfterResponse),
    close: () => closeServer(server, upgrade?.closeAll),
  };
}

const closeAfterResponse: RequestListener = (_request, response) => {
  response.shouldKeepAlive = false;
};

function toPort(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: Server, closeUpgraded?: () => void): Promise<void> {
  closeUpgraded?.();
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
}
