import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerUnparsable } from './unparsable.ts';

export interface ListeningServer {
  readonly port: number;
  readonly server: Server;
  /** Takes no new connection, ends idle ones, and resolves when the last request is answered. */
  close(): Promise<void>;
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
  handler: RequestListener,
  port: number,
  host: string,
  requestTimeout = REQUEST_MS,
): Promise<ListeningServer> {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: requestTimeout === 0 ? HEADERS_MS : Math.min(HEADERS_MS, requestTimeout),
      requestTimeout,
      connectionsCheckingInterval: LATE_SWEEP_MS,
    },
    handler,
  );
  server.on('clientError', answerUnparsable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: portOf(server.address()), server, close: () => close(server) };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
}
