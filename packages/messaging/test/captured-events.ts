import amqp from 'amqplib';
import { envelopeSchema, type Envelope } from '@plaza/messaging';

export interface CapturedEvent {
  readonly envelope: Envelope;
  readonly message: amqp.ConsumeMessage;
}

/** Captures the events of one exchange with a queue of its own; of Plaza's code it uses only the envelope. */
export async function captureEvents(url: string, exchange: string, key = '#') {
  const connection = await amqp.connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange, 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, exchange, key);
  const seen: CapturedEvent[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (message !== null)
        seen.push({ envelope: envelopeSchema.parse(JSON.parse(message.content.toString())), message });
    },
    { noAck: true },
  );
  return { seen, close: () => connection.close() };
}
