import { envelopeSchema, type Envelope } from '@plaza/messaging';
import { connect } from 'amqplib';

const EXCHANGES = ['user_events', 'post_events', 'order_events'] as const;
const QUEUE = 'e2e.recorder';

export interface RecordedEvent extends Envelope {
  readonly exchange: string;
  readonly routingKey: string;
}

/** All events from now on, stored by the broker itself, also over its restarts. */
export interface EventRecorder {
  /** All events so far, in the order of their arrival. */
  events(): Promise<readonly RecordedEvent[]>;
}

export async function recordEvents(url: string): Promise<EventRecorder> {
  const recorded: RecordedEvent[] = [];
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertQueue(QUEUE, { durable: true });
  for (const exchange of EXCHANGES) {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.bindQueue(QUEUE, exchange, '#');
  }
  await connection.close();
  return {
    events: async () => {
      await drainQueue(url, recorded);
      return recorded;
    },
  };
}

async function drainQueue(url: string, into: RecordedEvent[]): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    for (;;) {
      const message = await channel.get(QUEUE, { noAck: true });
      if (message === false) return;
      const envelope = envelopeSchema.parse(JSON.parse(message.content.toString()));
      const { exchange, routingKey } = message.fields;
      into.push({ ...envelope, exchange, routingKey });
    }
  } finally {
    await connection.close();
  }
}
