import { createConnectionPool, destroyClient, type ConnectionPool } from './connection-pool.ts';
import { UndiciDispatchHandler, type DispatchEvents } from './undici-dispatch-handler.ts';
import type { Transport } from './transport.ts';
import type { Origin } from './origin.ts';
import { createDeadlineTimers } from './deadline-timers.ts';

const CLIENT_GONE = Promise.resolve(undefined);

/**
 * HTTP by undici, with a pool of connections per instance.
 * @param resolution milliseconds by which a timeout may be late.
 */
export function createUndiciTransport(resolution: number): Transport {
  const deadlineTimers = createDeadlineTimers(resolution);
  const pools = new Map<string, ConnectionPool>();

  function poolFor(origin: Origin): ConnectionPool {
    let pool = pools.get(origin.href);
    if (pool === undefined) {
      pool = createConnectionPool(origin);
      pools.set(origin.href, pool);
    }
    return pool;
  }

  const dispatchEvents: DispatchEvents = {
    onComplete: (connection) => connection.release(),
    onConnectionBroken: ({ client }) => destroyClient(client),
    onEnd: (handler) => deadlineTimers.remove(handler),
  };

  return {
    send: (transportRequest) => {
      if (transportRequest.response.destroyed) return CLIENT_GONE;
      const { origin, method, path, headers } = transportRequest;
      const connection = poolFor(origin).acquire();
      const handler = new UndiciDispatchHandler(transportRequest, connection, dispatchEvents);
      deadlineTimers.add(handler);
      connection.client.dispatch(
        {
          origin: origin.href,
          method,
          path,
          headers,
          body: transportRequest.body ?? handler.requestBodyStream ?? null,
        },
        handler,
      );
      return handler.response;
    },
    close: () => {
      deadlineTimers.close();
      for (const pool of pools.values()) pool.close();
    },
  };
}
