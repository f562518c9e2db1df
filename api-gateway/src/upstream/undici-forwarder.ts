import { createConnections, discard, type Connections } from './connections.ts';
import { Exchange, type Keeper } from './exchange.ts';
import type { Forwarder, Passage } from './forwarder.ts';
import type { Origin } from './origin.ts';
import { createWatchdog } from './watchdog.ts';

const CLIENT_GONE: Promise<Passage> = Promise.resolve({
  status: undefined,
  ended: Promise.resolve('client-gone'),
});

/** @param resolution milliseconds by which a timer may be late. */
export function createUndiciForwarder(resolution: number): Forwarder {
  const watchdog = createWatchdog(resolution);
  const known = new Map<string, Connections>();

  function connectionsTo(origin: Origin): Connections {
    let connections = known.get(origin.href);
    if (connections === undefined) {
      connections = createConnections(origin);
      known.set(origin.href, connections);
    }
    return connections;
  }

  const keeper: Keeper = {
    complete: (connection) => connection.rest(),
    broken: ({ client }) => discard(client),
    over: (exchange) => watchdog.remove(exchange),
  };

  return {
    forward: (call) => {
      if (call.response.destroyed) return CLIENT_GONE;
      const { origin, method, path, headers } = call;
      const connection = connectionsTo(origin).take();
      const exchange = new Exchange(call, connection, keeper);
      watchdog.add(exchange);
      connection.client.dispatch(
        { origin: origin.href, method, path, headers, body: call.body ?? exchange.upload ?? null },
        exchange,
      );
      return exchange.passage;
    },
    close: () => {
      watchdog.close();
      for (const connections of known.values()) connections.close();
    },
  };
}
