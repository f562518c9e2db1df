import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { envelopeSchema } from '@plaza/messaging';
import { connect } from 'amqplib';
import { z } from 'zod';
import { orderEvents } from '../src/events/order.events.contract.ts';

const envelope = envelopeSchema.extend({ data: z.looseObject({ orderId: z.string() }) });

/** An event as it is documented; throws for any other. */
function parseDocumentedEvent(content: string) {
  const event = envelope.parse(JSON.parse(content));
  const documented = Object.entries(orderEvents.events).find(([type]) => type === event.eventType);
  documented?.[1].data.parse(event.data);
  expect(documented).toBeDefined();
  return event;
}

/** The other services' side of the broker: publishes as they do, and hears what orders says. */
export async function openFakeEventBus(url: string) {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  for (const exchange of ['user_events', 'post_events', 'order_events'])
    await channel.assertExchange(exchange, 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'order_events', '#');
  const heard: string[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (message !== null) heard.push(message.content.toString());
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
    const eventId = randomUUID();
    const body = {
      eventId,
      eventType,
      timestamp: new Date().toISOString(),
      aggregateId,
      seq,
      source: 'test',
      correlationId: randomUUID(),
      schemaVersion: 1,
      data,
    };
    channel.publish(exchange, eventType, Buffer.from(JSON.stringify(body)), {
      contentType: 'application/json',
      messageId: eventId,
      type: eventType,
      persistent: true,
    });
    await channel.waitForConfirms();
  }

  const eventsOf = (orderId: string) =>
    heard.map(parseDocumentedEvent).filter(({ data }) => data.orderId === orderId);

  return {
    publish,
    /** What was said of one order, in order. */
    eventsOf,
    eventTypesOf: (orderId: string) => eventsOf(orderId).map(({ eventType }) => eventType),
    publishUserEvent: (type: 'created' | 'updated' | 'deleted', userId: string, seq: number, name = userId) =>
      publish('user_events', `user.${type}`, userId, seq, {
        userId,
        ...(type === 'deleted' ? {} : { username: userId, email: `${userId}@example.com`, name }),
      }),
    publishStockEvent: (type: 'reserved' | 'released', orderId: string) =>
      publish('post_events', `stock.${type}`, orderId, type === 'reserved' ? 1 : 2, { orderId, items: [] }),
    publishStockRejected: (orderId: string, postId: string) =>
      publish('post_events', 'stock.rejected', orderId, 1, {
        orderId,
        reason: 'out_of_stock',
        items: [{ postId, wanted: 2, left: 1 }],
      }),
    close: () => connection.close(),
  };
}
