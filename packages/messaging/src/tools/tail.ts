import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { envelopeSchema, type Envelope } from '../envelope.ts';
import { CliError } from './cli-error.ts';

export interface TailOptions {
  readonly exchanges: readonly string[];
  /** Topic patterns of event types; all types if empty. */
  readonly types: readonly string[];
  readonly aggregate?: string | undefined;
  readonly correlation?: string | undefined;
}

/** An event, or the body of a message that is none. */
export type TailedMessage =
  | { readonly exchange: string; readonly event: Envelope }
  | { readonly exchange: string; readonly routingKey: string; readonly body: string };

/** The limit of the queue, so that a paused terminal does not fill the broker. */
const MOST_WAITING = 10_000;

/** Shows copies of the events of some exchanges, from now on. Consumers still receive all of them. */
export async function tailEvents(
  connection: ChannelModel,
  options: TailOptions,
  show: (seen: TailedMessage) => void,
): Promise<void> {
  const { exchanges, types, aggregate, correlation } = options;
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the call that caused it rejects with the same error
  const { queue } = await channel.assertQueue('', {
    exclusive: true,
    arguments: { 'x-max-length': MOST_WAITING, 'x-overflow': 'drop-head' },
  });
  for (const exchange of exchanges)
    for (const type of types.length > 0 ? types : ['#']) await bindQueue(channel, queue, exchange, type);
  await channel.consume(
    queue,
    (message) => {
      if (message === null) return;
      const seen = parseMessage(message);
      const wanted =
        'event' in seen
          ? (aggregate === undefined || seen.event.aggregateId === aggregate) &&
            (correlation === undefined || seen.event.correlationId === correlation)
          : aggregate === undefined && correlation === undefined;
      if (wanted) show(seen);
    },
    { noAck: true },
  );
}

async function bindQueue(channel: Channel, queue: string, exchange: string, type: string): Promise<void> {
  try {
    await channel.bindQueue(queue, exchange, type);
  } catch {
    throw new CliError(
      `The exchange ${exchange} does not exist: its service declares it at its first start.`,
    );
  }
}

function parseMessage({ content, fields }: ConsumeMessage): TailedMessage {
  const { exchange, routingKey } = fields;
  try {
    return { exchange, event: envelopeSchema.parse(JSON.parse(content.toString())) };
  } catch {
    return { exchange, routingKey, body: content.toString() };
  }
}
