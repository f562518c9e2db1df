import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';

export interface Heard {
  readonly eventId: string;
  readonly eventType: string;
  readonly aggregateId: string;
  readonly seq: number;
  readonly data: { readonly orderId: string; readonly [field: string]: unknown };
}

/** The other services' side of the broker: publishes as they do, and hears what orders says. */
export async function openBus(url: string) {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  for (const exchange of ['user_events', 'post_events', 'order_events'])
    await channel.assertExchange(exchange, 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'order_events', '#');
  const heard: Heard[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (message !== null) heard.push(JSON.parse(message.content.toString()));
    },
    { noAck: true },
  );

  async function publish(
    exchange: string,
    eventType: string,
    aggregateId: string,
    seq: number,
    data: object,
  ) {
    const envelope = {
      eventId: randomUUID(),
      eventType,
      timestamp: new Date().toISOString(),
      aggregateId,
      seq,
      source: 'test',
      correlationId: randomUUID(),
      schemaVersion: 1,
      data,
    };
    channel.publish(exchange, eventType, Buffer.from(JSON.stringify(envelope)), {
      contentType: 'application/json',
      messageId: envelope.eventId,
      type: eventType,
      persistent: true,
    });
    await channel.waitForConfirms();
  }

  return {
    publish,
    /** What was said of one order, by type, in order. */
    of: (orderId: string) => heard.filter(({ data }) => data.orderId === orderId),
    typesOf: (orderId: string) =>
      heard.filter(({ data }) => data.orderId === orderId).map(({ eventType }) => eventType),
    user: (type: 'created' | 'updated' | 'deleted', userId: string, seq: number, name = userId) =>
      publish('user_events', `user.${type}`, userId, seq, {
        userId,
        ...(type === 'deleted' ? {} : { username: userId, email: `${userId}@example.com`, name }),
      }),
    stock: (type: 'reserved' | 'released', orderId: string) =>
      publish('post_events', `stock.${type}`, orderId, type === 'reserved' ? 1 : 2, { orderId, items: [] }),
    noStock: (orderId: string, postId: string) =>
      publish('post_events', 'stock.rejected', orderId, 1, {
        orderId,
        reason: 'out_of_stock',
        items: [{ postId, wanted: 2, left: 1 }],
      }),
    close: () => connection.close(),
  };
}

export type Bus = Awaited<ReturnType<typeof openBus>>;
