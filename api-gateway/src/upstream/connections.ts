import { buildConnector, Client } from 'undici';
import type { Origin } from './origin.ts';

/** One connection at a time to one instance, made when it is needed. */
export interface Connection {
  readonly client: Client;
  /** How many requests the socket that stands now has carried. */
  readonly served: number;
  /** Its answer is complete: it may be taken again. */
  rest(): void;
}

/** The connections to one instance: those that rest, and as many more as are needed. */
export interface Connections {
  /** The one that rested last, which keeps few open; a new one where none rests. */
  take(): Connection;
  /** Ends those that rest. */
  close(): void;
}

export function createConnections(origin: Origin): Connections {
  const resting: Connection[] = [];

  function make(): Connection {
    const client = new Client(origin.href, OPTIONS);
    const connection = {
      client,
      served: 0,
      rest: () => {
        connection.served += 1;
        resting.push(connection);
      },
    };
    client.on('disconnect', () => {
      connection.served = 0;
      const index = resting.indexOf(connection);
      if (index === -1) return;
      resting.splice(index, 1);
      discard(client);
    });
    return connection;
  }

  return {
    take: () => resting.pop() ?? make(),
    close: () => {
      for (const { client } of resting.splice(0)) discard(client);
    },
  };
}

/** Ends a connection, or the making of one; not at once, as it may be in the middle of telling us something. */
export function discard(client: Client): void {
  queueMicrotask(() => void client.destroy().catch(() => undefined));
}

/**
 * Our own watchdog has the timers. A connection that rests is given up two seconds before the instance says
 * that it would, by its Keep-Alive, or after four where it says nothing: so that no request crosses its end.
 * None rests longer than a minute. HTTP/2 is left out: its streams know no connection of their own.
 */
const OPTIONS: Client.Options = {
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 4_000,
  keepAliveTimeoutThreshold: 2_000,
  keepAliveMaxTimeout: 60_000,
  allowH2: false,
  connect: buildConnector({ timeout: 0, allowH2: false }),
};
