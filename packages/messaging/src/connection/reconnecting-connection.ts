import { connect, type ChannelModel, type RecoveringChannelModel } from 'amqplib';
import type { LogEvent } from '@plaza/errors';
import { settlesWithin } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import { TopologyMismatch } from '../topology/topology-mismatch.ts';
import {
  rabbitmqBlocked,
  rabbitmqConnected,
  rabbitmqListenerFailed,
  rabbitmqLost,
  rabbitmqRestored,
  rabbitmqTopologyMismatch,
  rabbitmqUnblocked,
  rabbitmqWaiting,
} from '../messaging.log-events.ts';

export type ConnectionStatus =
  | { readonly connected: true; readonly blocked?: string }
  | { readonly connected: false; readonly reason: string };

/** The service's connection to the broker, opened again after each loss. */
export interface ReconnectingConnection {
  /**
   * Connects, and repeats until it succeeds. Resolves with true at the first connection, and with false after
   * `startTimeoutMs` without one or when the signal aborts.
   * @throws {TopologyMismatch} if the broker's topology differs. Only at the start: later a mismatch is logged and
   *   the connection retried, because it can be corrected while the service runs.
   */
  open(signal: AbortSignal, startTimeoutMs: number): Promise<boolean>;
  /** Calls the listener with each new connection, and at once if there is one. */
  onConnection(listener: (connection: ChannelModel) => void): void;
  status(): ConnectionStatus;
  close(): Promise<void>;
}

export interface ReconnectingConnectionOptions {
  readonly url: string;
  /** Shown in the management UI. */
  readonly name: string;
  readonly logger: Logger;
  /** Runs on each new connection before the listeners. If it rejects, the connection is closed and retried. */
  readonly prepare: (connection: ChannelModel) => Promise<void>;
}

const CONNECT_MS = 5_000;
const CLOSE_MS = 1_000;
/** A dead peer is noticed after two heartbeats. The server's own default is 60 s. */
const HEARTBEAT_SECONDS = 10;
const RECOVERY = { initialDelay: 200, maxDelay: 5_000, factor: 2, jitter: 0.5, waitForConnect: false };

export function createReconnectingConnection({
  url,
  name,
  logger,
  prepare,
}: ReconnectingConnectionOptions): ReconnectingConnection {
  const listeners: ((connection: ChannelModel) => void)[] = [];
  let current: ChannelModel | undefined;
  let recovering: RecoveringChannelModel | undefined;
  let status: ConnectionStatus = { connected: false, reason: 'not connected yet' };
  let opening = true;
  let closed = false;

  /** A loss is logged once, with its first reason, for any number of attempts. */
  let told = false;
  const logOnce = (event: LogEvent<'warn', 'reason'>, error: Error) => {
    if (!told) logger.warn(event, { reason: error.message });
    told = true;
  };

  async function setup(connection: ChannelModel) {
    let ended = false;
    connection.on('error', () => undefined); // 'close' follows with the reason
    connection.once('close', () => (ended = true));
    await prepare(connection);
    if (ended) throw new Error('the connection closed while it was being set up');
  }

  function connected(connection: ChannelModel) {
    logger.info(told ? rabbitmqRestored : rabbitmqConnected);
    told = false;
    current = connection;
    status = { connected: true };
    for (const listener of listeners) listener(connection);
  }

  function lost(error: Error) {
    current = undefined;
    status = { connected: false, reason: error.message };
    if (!closed) logOnce(rabbitmqLost, error);
  }

  function failed(error: Error) {
    status = { connected: false, reason: error.message };
    const mismatch = error instanceof TopologyMismatch;
    if (!mismatch) logOnce(rabbitmqWaiting, error);
    else if (!opening) logOnce(rabbitmqTopologyMismatch, error);
  }

  return {
    open: async (signal, startTimeoutMs) => {
      const { promise: first, resolve, reject } = Promise.withResolvers<boolean>();
      const connections = await connect(withHeartbeat(url), {
        noDelay: true,
        keepAlive: true,
        timeout: CONNECT_MS,
        clientProperties: { connection_name: name },
        recovery: { ...RECOVERY, setup },
      });
      recovering = connections;
      const timer = setTimeout(() => resolve(false), startTimeoutMs);
      signal.addEventListener('abort', () => resolve(false), { once: true });
      connections.on('connect', (connection) => {
        connected(connection);
        resolve(true);
      });
      connections.on('disconnect', lost);
      connections.on('connect-failed', (error: Error) => {
        failed(error);
        if (error instanceof TopologyMismatch) reject(error);
      });
      connections.on('error', () => undefined); // 'disconnect' follows
      connections.on('blocked', (reason) => {
        logger.warn(rabbitmqBlocked, { reason });
        if (status.connected) status = { connected: true, blocked: reason };
      });
      connections.on('unblocked', () => {
        logger.info(rabbitmqUnblocked);
        if (status.connected) status = { connected: true };
      });
      connections.on('handler-error', (error: unknown) => logger.error(rabbitmqListenerFailed, { error }));
      try {
        return await first;
      } catch (error) {
        await connections.close();
        throw error;
      } finally {
        clearTimeout(timer);
        opening = false;
      }
    },
    onConnection: (listener) => {
      listeners.push(listener);
      if (current !== undefined) listener(current);
    },
    status: () => status,
    close: async () => {
      closed = true;
      current = undefined;
      status = { connected: false, reason: 'closed' };
      if (recovering !== undefined) await settlesWithin(recovering.close(), CLOSE_MS);
    },
  };
}

function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat'))
    address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return address.href;
}
