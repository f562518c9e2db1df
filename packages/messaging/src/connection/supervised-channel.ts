import type { Channel, ChannelModel } from 'amqplib';
import { backoffDelay, settlesWithin, sleep } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import type { ReconnectingConnection } from './reconnecting-connection.ts';
import { channelLost } from '../messaging.log-events.ts';

/** A channel with its setup, opened again after each loss. */
export interface SupervisedChannel<Use> {
  /** The result of `setup` on the open channel; undefined while there is none. */
  current(): Use | undefined;
  /** The reason why there is none. */
  problem(): string | undefined;
  /** Closes the open channel, which does not answer or is no longer useful, and opens another. */
  reopen(reason: string): void;
  /** Closes the channel for good. */
  stop(): Promise<void>;
}

export interface SupervisedChannelOptions<Kind extends Channel, Use> {
  readonly reconnectingConnection: ReconnectingConnection;
  readonly logger: Logger;
  /** The name in logs, such as `publisher`. */
  readonly name: string;
  readonly open: (connection: ChannelModel) => Promise<Kind>;
  /** Prepares a new channel: declares queues, starts consumers. */
  readonly setup: (channel: Kind, connection: ChannelModel) => Promise<Use>;
  /** Called after each successful `setup`. */
  readonly onOpen?: (use: Use) => void;
}

const CLOSE_MS = 1_000;
const BACKOFF = { firstMs: 100, maxMs: 5_000 };
/** A channel that was open for this long counts as healthy: its loss resets the backoff. */
const LIVED_MS = 10_000;

export function superviseChannel<Kind extends Channel, Use>(
  options: SupervisedChannelOptions<Kind, Use>,
): SupervisedChannel<Use> {
  const { reconnectingConnection, logger, name, open, setup, onOpen } = options;
  let current: Use | undefined;
  let problem: string | undefined = 'no connection yet';
  let giveUp: (reason: string) => void = () => undefined;
  let closeChannel: () => Promise<void> = async () => undefined;
  const stopped = new AbortController();

  /** Opens a channel and resolves or rejects with the reason when it is closed. */
  async function openOnce(connection: ChannelModel): Promise<string> {
    const channel = await open(connection);
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    let over = false;
    const end = (reason: string) => {
      over = true;
      current = undefined;
      problem ??= reason;
      resolve(reason);
    };
    let cause = 'the channel closed';
    channel.on('error', (error) => (cause = error.message));
    channel.once('close', () => end(cause));
    closeChannel = async () => channel.close();
    giveUp = (reason) => {
      end(reason);
      closeChannel().catch(() => undefined); // it may be closed already, or never answer
    };
    const use = await setup(channel, connection);
    if (over) return ended;
    current = use;
    problem = undefined;
    onOpen?.(use);
    return ended;
  }

  async function keepOpen(connection: ChannelModel) {
    const lost = new AbortController();
    connection.once('close', () => lost.abort());
    for (let failures = 0; !lost.signal.aborted && !stopped.signal.aborted; failures += 1) {
      const born = performance.now();
      const reason = await openOnce(connection).catch((error: unknown) => {
        giveUp('a failed start');
        return Error.isError(error) ? error.message : String(error);
      });
      problem = reason;
      if (lost.signal.aborted || stopped.signal.aborted) return;
      if (performance.now() - born > LIVED_MS) failures = 0;
      logger.warn(channelLost, { channel: name, reason });
      await sleep(backoffDelay(failures, BACKOFF), { signal: lost.signal });
    }
  }

  reconnectingConnection.onConnection((connection) => void keepOpen(connection));

  return {
    current: () => current,
    problem: () => problem,
    reopen: (reason) => giveUp(reason),
    stop: async () => {
      stopped.abort();
      current = undefined;
      await settlesWithin(closeChannel(), CLOSE_MS);
    },
  };
}
