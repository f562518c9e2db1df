import { buildConnector, Client } from 'undici';
import type { Origin } from './origin.ts';

/** One connection to an instance, opened when it is first used. */
export interface PooledConnection {
  readonly client: Client;
  /** Requests that the current socket has carried. */
  readonly requestCount: number;
  /** The response is complete: the connection may be reused. */
  release(): void;
}

/** The connections to one instance: idle ones, and new ones as needed. */
export interface ConnectionPool {
  /** The connection that was used last, so that few stay open; a new one if none is idle. */
  acquire(): PooledConnection;
  /** Closes the idle connections. */
  close(): void;
}

export function createConnectionPool(origin: Origin): ConnectionPool {
  const idle: PooledConnection[] = [];

  function connect(): PooledConnection {
    const client = new Client(origin.href, CLIENT_OPTIONS);
    const connection = {
      client,
      requestCount: 0,
      release: () => {
        connection.requestCount += 1;
        idle.push(connection);
      },
    };
    client.on('disconnect', () => {
      connection.requestCount = 0;
      const index = idle.indexOf(connection);
      if (index === -1) return;
      idle.splice(index, 1);
      destroyClient(client);
    });
    return connection;
  }

  return {
    acquire: () => idle.pop() ?? connect(),
    close: () => {
      for (const { client } of idle.splice(0)) destroyClient(client);
    },
  };
}

/**
 * Closes a connection, also one that is being opened. Deferred, as the client may be inside one of its
 * callbacks.
 */
export function destroyClient(client: Client): void {
  queueMicrotask(() => void client.destroy().catch(() => undefined));
}

/**
 * Deadline timers of our own watch the requests. An idle connection is closed two seconds before the instance's
 * own Keep-Alive timeout, or after four seconds if it states none, so that no request meets a closing
 * connection; after a minute at the latest. HTTP/2 is off: its streams share a connection.
 */
const CLIENT_OPTIONS: Client.Options = {
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 4_000,
  keepAliveTimeoutThreshold: 2_000,
  keepAliveMaxTimeout: 60_000,
  allowH2: false,
  connect: buildConnector({ timeout: 0, allowH2: false }),
};
