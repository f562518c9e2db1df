import { deadLetterQueue } from '@plaza/messaging';
import { connect } from 'amqplib';
import { collectEvents } from '../docs/event-catalogue.ts';

/** The number of dead letters by queue, without zeros. */
export async function countDeadLetters(url: string): Promise<Record<string, number>> {
  const queues = new Set(
    (await collectEvents()).flatMap(({ exchange, consumers }) =>
      consumers.map(({ service }) => deadLetterQueue(`${service}.${exchange}`)),
    ),
  );
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    const counts: Record<string, number> = {};
    for (const queue of queues) {
      const { messageCount } = await channel.checkQueue(queue);
      if (messageCount > 0) counts[queue] = messageCount;
    }
    return counts;
  } finally {
    await connection.close();
  }
}
