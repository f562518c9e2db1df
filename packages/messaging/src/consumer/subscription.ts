import { settlesWithin } from '@plaza/concurrency';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { isChannelClosed } from '../connection/channel-closed.ts';
import { superviseChannel } from '../connection/supervised-channel.ts';
import type { ReconnectingConnection } from '../connection/reconnecting-connection.ts';
import { assertTopology } from '../topology/assert-topology.ts';
import { exchangeDeclarations, queueDeclarations } from '../topology/declarations.ts';
import { toConsumerArguments } from '../topology/retry-queues.ts';
import { createMessageHandler, type MessageHandlerOptions, type MessageOutcome } from './message-handler.ts';
import type { ConsumerChannel } from './republish.ts';
import { messageHandlingBroken, queueDeclarationFailed } from '../messaging.log-events.ts';

/** The consumption of one queue on its own channel, for the lifetime of the service. */
export interface Subscription {
  /** Undefined while it consumes, else the reason why it does not. */
  problem(): string | undefined;
  /**
   * Accepts no more messages and waits for the handlers. A handler that does not end in time is aborted, and its
   * message is delivered again.
   */
  stop(): Promise<void>;
}

export interface SubscriptionOptions extends Omit<MessageHandlerOptions, 'stopSignal' | 'abortSignal'> {
  readonly reconnectingConnection: ReconnectingConnection;
}

/** Parts of the 10 seconds in which a service must stop. */
const CANCEL_MS = 1_000;
const HANDLERS_MS = 5_000;
const CUT_OFF_MS = 500;

interface ActiveConsumer {
  readonly channel: Channel;
  readonly consumerTag: string;
}

export function subscribe(options: SubscriptionOptions): Subscription {
  const { reconnectingConnection, logger, consumer } = options;
  const { queueTopology, prefetch } = consumer;
  const { queue, exchange } = queueTopology;
  /** Aborted at the beginning of a stop. */
  const stopping = new AbortController();
  /** Aborted when the handlers take too long during a stop. */
  const aborting = new AbortController();
  const handleMessage = createMessageHandler({
    ...options,
    stopSignal: stopping.signal,
    abortSignal: aborting.signal,
  });
  const declarations = [...exchangeDeclarations([exchange]), ...queueDeclarations(queueTopology)];
  const inFlight = new Set<Promise<void>>();

  const supervised = superviseChannel<Channel, ActiveConsumer>({
    reconnectingConnection,
    logger,
    name: `consumer of ${queue}`,
    open: (connection) => connection.createChannel(),
    setup: async (channel, connection) => {
      const source = createConsumerChannel(channel, connection);
      await assertTopology(connection, declarations);
      await channel.prefetch(prefetch);
      const onMessage = (message: ConsumeMessage | null) => {
        if (message === null) supervised.reopen('the broker cancelled the consumer');
        else if (!stopping.signal.aborted) track(receive(message, channel, source));
      };
      const { consumerTag } = await channel.consume(queue, onMessage, {
        arguments: toConsumerArguments(queueTopology),
      });
      return { channel, consumerTag };
    },
  });

  function createConsumerChannel(channel: Channel, connection: ChannelModel): ConsumerChannel {
    let open = true;
    channel.once('close', () => (open = false));
    return {
      isOpen: () => open,
      redeclareQueues: () =>
        assertTopology(connection, declarations).catch((error: unknown) =>
          logger.error(queueDeclarationFailed, { queue, error }),
        ),
    };
  }

  async function receive(message: ConsumeMessage, channel: Channel, source: ConsumerChannel): Promise<void> {
    try {
      settleMessage(channel, message, await handleMessage(message, source));
    } catch (error) {
      logger.error(messageHandlingBroken, { queue, error });
      supervised.reopen('a defect');
    }
  }

  function track(work: Promise<void>) {
    inFlight.add(work);
    void work.finally(() => inFlight.delete(work));
  }

  return {
    problem: supervised.problem,
    stop: async () => {
      stopping.abort();
      const consuming = supervised.current();
      if (consuming !== undefined) await settlesWithin(cancelConsumer(consuming), CANCEL_MS);
      const ended = Promise.all(inFlight);
      await settlesWithin(ended, HANDLERS_MS);
      aborting.abort(new Error('The service stops.'));
      await settlesWithin(ended, CUT_OFF_MS);
      await supervised.stop();
    },
  };
}

async function cancelConsumer({ channel, consumerTag }: ActiveConsumer): Promise<void> {
  await channel.cancel(consumerTag);
}

/** Acknowledges or rejects. A closed channel is ignored: the broker delivers the message again. */
function settleMessage(channel: Channel, message: ConsumeMessage, outcome: MessageOutcome): void {
  try {
    if (outcome === 'unsendable') channel.nack(message, false, false);
    else if (outcome !== 'abandoned') channel.ack(message);
  } catch (error) {
    if (!isChannelClosed(error)) throw error;
  }
}
