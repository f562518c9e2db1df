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

/** Publishes messages with confirms. */
export interface Publisher {
  /**
   * Resolves when the broker has confirmed the message, with whether it was routed to a queue. Messages of one
   * synchronous run are sent in the order of the calls on one channel: if the channel closes before one of them is
   * confirmed, the later ones fail as well.
   * @throws {BrokerUnavailable} at once while the broker is away; if it rejects the message; if it does not confirm
   *   it in time.
   */
  publish(message: OutgoingMessage): Promise<RoutingResult>;
  /** Whether a message can be sent now. */
  ready(): boolean;
  /** Calls the listener each time when messages can be sent again. */
  onReady(listener: () => void): void;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly reconnectingConnection: ReconnectingConnection;
  readonly logger: Logger;
  /** Declared again with each new channel, because publishing to a missing exchange has closed the old one. */
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

  /** A channel with an overdue confirm is replaced. */
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
      return Promise.reject(
        new BrokerUnavailable(`The broker accepts no messages: ${reason}.`, {
          reason: 'broker_disconnected',
          ownDependency: 'rabbitmq',
        }),
      );
    },
    ready: () => supervised.current() !== undefined,
    onReady: (listener) => {
      listeners.push(listener);
    },
    stop: supervised.stop,
  };
}
