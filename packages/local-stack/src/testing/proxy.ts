import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server, with faults that a test sets. */
export interface FaultProxy {
  /** The server's URL with the proxy's host and port. */
  readonly url: string;
  /** Holds back all data from the server; connections stay open. */
  stall(): void;
  /** Passes data on again, including the held-back data. */
  resume(): void;
  /** Breaks all connections. */
  disconnectAll(): void;
  /** Breaks all connections, and refuses new ones until `acceptConnections`. */
  refuseConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy in front of the server at this URL, on its own port. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let stalled = false;
  const listener = createServer((client) => {
    const server = connect(Number(targetPort), hostname);
    const pair = { client, server };
    pairs.add(pair);
    client.pipe(server);
    server.on('data', (chunk) => client.write(chunk));
    if (stalled) server.pause();
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  });
  const listen = async (port: number) => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    const bound = listener.address();
    if (bound === null || typeof bound === 'string') throw new Error('A TCP server has an address.');
    return bound.port;
  };
  const port = await listen(0);
  const address = new URL(target);
  address.host = `127.0.0.1:${port}`;
  const disconnectAll = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  const refuseConnections = async () => {
    const closed = once(listener, 'close');
    listener.close();
    disconnectAll();
    await closed;
  };
  return {
    url: address.href,
    stall: () => {
      stalled = true;
      for (const { server } of pairs) server.pause();
    },
    resume: () => {
      stalled = false;
      for (const { server } of pairs) server.resume();
    },
    disconnectAll,
    refuseConnections,
    acceptConnections: async () => {
      await listen(port);
    },
    close: async () => {
      if (listener.listening) await refuseConnections();
      else disconnectAll();
    },
  };
}
