import { buildConnector, Client } from 'undici';
import type { Origin } from './origin.ts';

/** One connection at a time to one instance, made when it is needed. */
export interface PooledConnection {
  readonly client: Client;
  /** How many requests the socket that stands now has carried. */
  readonly requestCount: number;
  /** Its answer is complete: it may be taken again. */
  release(): void;
}

/** The connections to one instance: those that rest, and as many more as are needed. */
export interface ConnectionPool {
  /** The one that rested last, which keeps few open; a new one where none rests. */
  acquire(): PooledConnection;
  /** Ends those that rest. */
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

/** Ends a connection, or the making of one; not at once, as it may be in the middle of telling us something. */
export function destroyClient(client: Client): void {
  queueMicrotask(() => void client.destroy().catch(() => undefined));
}

/**
 * Our own deadline timers watch it. A connection that rests is given up two seconds before the instance says
 * that it would, by its Keep-Alive, or after four where it says nothing: so that no request crosses its end.
 * None rests longer than a minute. HTTP/2 is left out: its streams know no connection of their own.
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
