import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Logger } from '@plaza/service-kit';
import { superviseChannel } from '../connection/supervised-channel.ts';
import type { ReconnectingConnection } from '../connection/reconnecting-connection.ts';
import { assertTopology } from '../topology/assert-topology.ts';
import { exchangeDeclarations } from '../topology/declarations.ts';
import {
  createPublisherConfirms,
  type PublisherConfirms,
  type OutgoingMessage,
  type RoutingResult,
} from './confirm-channel.ts';
import { BrokerUnavailable } from './publisher.errors.ts';

/** Sends messages and knows what became of each. */
export interface Publisher {
  /**
   * Resolves when the broker has confirmed the message, with whether a queue took it. Messages of one
   * synchronous run go out in the order of the calls, on one channel: where one of them is lost with the
   * channel, so are those after it.
   * @throws {BrokerUnavailable} at once while the broker is away; also where it refuses the message, or
   *   does not confirm it in time.
   */
  publish(message: OutgoingMessage): Promise<RoutingResult>;
  /** Whether a message would be sent. */
  ready(): boolean;
  /** Calls the listener each time that messages can be sent again. */
  onReady(listener: () => void): void;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly reconnectingConnection: ReconnectingConnection;
  readonly logger: Logger;
  /** Declared again when the channel is opened anew: publishing to a missing exchange has closed it. */
  readonly exchanges: () => Iterable<string>;
  readonly maxInFlight: number;
  readonly confirmTimeoutMs: number;
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { reconnectingConnection, logger, exchanges, maxInFlight, confirmTimeoutMs } = options;
  const listeners: (() => void)[] = [];
  const supervised = superviseChannel<ConfirmChannel, PublisherConfirms>({
    reconnectingConnection,
    logger,
    name: 'publisher',
    open: (connection: ChannelModel) => connection.createConfirmChannel(),
    setup: async (channel, connection) => {
      await assertTopology(connection, exchangeDeclarations(exchanges()));
      const confirms = createPublisherConfirms({
        channel,
        maxInFlight,
        confirmTimeoutMs,
        onTimeout: () => giveUp(confirms),
      });
      channel.once('close', () => confirms.close('the channel closed'));
      return confirms;
    },
    onOpen: () => {
      for (const listener of listeners) listener();
    },
  });

  /** A channel that owes a confirmation for so long is not waited for. */
  function giveUp(confirms: PublisherConfirms) {
    const reason = `no confirmation within ${confirmTimeoutMs} ms`;
    confirms.close(reason);
    supervised.reopen(reason);
  }

  return {
    publish: (message) => {
      const confirms = supervised.current();
      if (confirms !== undefined) return confirms.publish(message);
      const reason = supervised.problem() ?? 'no channel';
      return Promise.reject(new BrokerUnavailable(`The broker takes no messages: ${reason}.`));
    },
    ready: () => supervised.current() !== undefined,
    onReady: (listener) => {
      listeners.push(listener);
    },
    stop: supervised.stop,
  };
}
