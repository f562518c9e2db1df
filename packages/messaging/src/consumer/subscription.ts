import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { atMost } from '../connection/at-most.ts';
import { isChannelClosed } from '../connection/channel-closed.ts';
import { superviseChannel } from '../connection/channel.ts';
import type { Link } from '../connection/link.ts';
import { assertTopology } from '../topology/assert.ts';
import { exchangesOf, queuesOf } from '../topology/declarations.ts';
import { createDelivery, type DeliveryOptions, type Outcome } from './delivery.ts';
import type { Source } from './put-aside.ts';

/** One queue being consumed, on a channel of its own, for as long as the service lives. */
export interface Subscription {
  /** Undefined while messages come; else why none do. */
  problem(): string | undefined;
  /** Takes no more, lets the handlers end; what does not end soon is cut off and will come again. */
  stop(): Promise<void>;
}

export interface SubscriptionOptions extends Omit<DeliveryOptions, 'leaving' | 'cutOff'> {
  readonly link: Link;
}

/** Of the 10 seconds that a service has to stop. */
const CANCEL_MS = 1_000;
const HANDLERS_MS = 5_000;
const CUT_OFF_MS = 500;

interface Consuming {
  readonly channel: Channel;
  readonly consumerTag: string;
}

export function subscribe(options: SubscriptionOptions): Subscription {
  const { link, logger, settings } = options;
  const { declared, prefetch } = settings;
  const { queue, exchange } = declared;
  /** Aborted when a stop begins. */
  const leaving = new AbortController();
  /** Aborted when handlers take too long to end. */
  const cutOff = new AbortController();
  const deliver = createDelivery({ ...options, leaving: leaving.signal, cutOff: cutOff.signal });
  const declarations = [...exchangesOf([exchange]), ...queuesOf(declared)];
  const inFlight = new Set<Promise<void>>();

  const supervised = superviseChannel<Channel, Consuming>({
    link,
    logger,
    name: `consumer of ${queue}`,
    open: (connection) => connection.createChannel(),
    begin: async (channel, connection) => {
      const source = sourceOf(channel, connection);
      await assertTopology(connection, declarations);
      await channel.prefetch(prefetch);
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message === null) supervised.recycle('the broker cancelled the consumer');
        else if (!leaving.signal.aborted) track(take(message, channel, source));
      });
      return { channel, consumerTag };
    },
  });

  function sourceOf(channel: Channel, connection: ChannelModel): Source {
    let open = true;
    channel.once('close', () => (open = false));
    return {
      alive: () => open,
      restore: () =>
        assertTopology(connection, declarations).catch((error: unknown) =>
          logger.error('a queue is missing and cannot be declared', { queue, error }),
        ),
    };
  }

  async function take(message: ConsumeMessage, channel: Channel, source: Source): Promise<void> {
    try {
      answer(channel, message, await deliver(message, source));
    } catch (error) {
      logger.error('a message was not taken to its end: a defect; it comes again', { queue, error });
      supervised.recycle('a defect');
    }
  }

  function track(work: Promise<void>) {
    inFlight.add(work);
    void work.finally(() => inFlight.delete(work));
  }

  return {
    problem: supervised.problem,
    stop: async () => {
      leaving.abort();
      const consuming = supervised.current();
      if (consuming !== undefined) await atMost(CANCEL_MS, cancel(consuming));
      const ended = Promise.all(inFlight);
      await atMost(HANDLERS_MS, ended);
      cutOff.abort(new Error('The service stops.'));
      await atMost(CUT_OFF_MS, ended);
      await supervised.stop();
    },
  };
}

async function cancel({ channel, consumerTag }: Consuming): Promise<void> {
  await channel.cancel(consumerTag);
}

/** On a channel that has closed there is nothing to answer: the message is on its way to come again. */
function answer(channel: Channel, message: ConsumeMessage, outcome: Outcome): void {
  try {
    if (outcome === 'unsendable') channel.nack(message, false, false);
    else if (outcome !== 'abandoned') channel.ack(message);
  } catch (error) {
    if (!isChannelClosed(error)) throw error;
  }
}
