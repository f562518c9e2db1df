import { z } from 'zod';
import type { OutgoingMessage } from './publisher/confirm-channel.ts';

/**
 * The body of every event: the course's `eventType`, `timestamp` and `data`, and the fields for duplicates, order and
 * causes. A consumer ignores unknown fields.
 */
export const envelopeSchema = z
  .object({
    eventId: z.string().min(1).describe('The same in every repeat of the event'),
    eventType: z.string().min(1).describe('What happened; also the routing key'),
    timestamp: z.iso.datetime({ offset: true }).describe('When it was committed'),
    aggregateId: z.string().min(1).describe('To what it happened: order is kept within one aggregate'),
    seq: z
      .int()
      .min(0)
      .describe("Rises within one aggregate, and may skip; 0 for an event that was no aggregate's"),
    source: z.string().min(1).describe('The service that published it'),
    correlationId: z.string().min(1).describe('The id of the request at the very beginning'),
    causationId: z.string().optional().describe('The event whose handling caused this one'),
    schemaVersion: z
      .int()
      .min(1)
      .describe('Of the shape of data; raised when a reader of the old one would fail'),
    data: z.unknown(),
  })
  .meta({ id: 'Envelope' });

export type Envelope<Data = unknown> = Omit<z.output<typeof envelopeSchema>, 'data'> & {
  readonly data: Data;
};

/** The header of the W3C trace context. */
export const TRACEPARENT = 'traceparent';

/** An event as an AMQP message: the fields that people and tools filter by are properties as well. */
export function toAmqpMessage(exchange: string, envelope: Envelope, traceparent?: string): OutgoingMessage {
  return {
    exchange,
    routingKey: envelope.eventType,
    content: Buffer.from(JSON.stringify(envelope)),
    properties: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      messageId: envelope.eventId,
      correlationId: envelope.correlationId,
      type: envelope.eventType,
      appId: envelope.source,
      timestamp: Math.floor(Date.parse(envelope.timestamp) / 1000), // AMQP counts seconds
      headers: traceparent === undefined ? {} : { [TRACEPARENT]: traceparent },
    },
  };
}
