import { envelopeSchema } from '@plaza/messaging';
import { format } from 'prettier';
import { stringify } from 'yaml';
import { z } from 'zod';
import { collectEvents, type EventCatalogueEntry } from './event-catalogue.ts';

/** The text of docs/asyncapi.yaml (AsyncAPI 3.0). */
export async function renderAsyncApi(): Promise<string> {
  const events = await collectEvents();
  const exchanges = [...Map.groupBy(events, ({ exchange }) => exchange)];
  const document = stringify(
    {
      asyncapi: '3.0.0',
      info: { title: 'Plaza', version: '1.0.0', description: 'The domain events between the services.' },
      defaultContentType: 'application/json',
      servers: {
        local: { host: 'localhost:5672', protocol: 'amqp', protocolVersion: '0.9.1' },
      },
      channels: Object.fromEntries(
        exchanges.map(([exchange, types]) => [exchange, toChannel(exchange, types)]),
      ),
      operations: Object.fromEntries(events.flatMap(toOperations)),
      components: {
        messages: Object.fromEntries(events.map((event) => [event.eventType, toMessage(event)])),
        schemas: {
          envelope: toJsonSchema(z.object(envelopeSchema.shape)),
          ...Object.fromEntries(events.map(({ eventType, data }) => [eventType, toJsonSchema(data)])),
        },
      },
    },
    { aliasDuplicateObjects: false },
  );
  return format(document, { parser: 'yaml', printWidth: 110, singleQuote: true });
}

const reference = (...path: string[]) => ({ $ref: `#/${path.join('/')}` });

function toChannel(exchange: string, events: readonly EventCatalogueEntry[]) {
  return {
    address: exchange,
    messages: Object.fromEntries(
      events.map(({ eventType }) => [eventType, reference('components', 'messages', eventType)]),
    ),
    bindings: {
      amqp: {
        is: 'routingKey',
        exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false },
      },
    },
  };
}

function toOperations({ eventType, exchange, producer, consumers }: EventCatalogueEntry): [string, object][] {
  const operation = (action: 'send' | 'receive', service: string): [string, object] => [
    `${service}.${action}.${eventType}`,
    {
      action,
      channel: reference('channels', exchange),
      messages: [reference('channels', exchange, 'messages', eventType)],
      tags: [{ name: service }],
      bindings: {
        amqp: { deliveryMode: 2, ...(action === 'receive' ? { ack: true } : { mandatory: true }) },
      },
    },
  ];
  return [operation('send', producer), ...consumers.map(({ service }) => operation('receive', service))];
}

function toMessage({ eventType, summary, example }: EventCatalogueEntry) {
  return {
    name: eventType,
    summary,
    correlationId: { location: '$message.payload#/correlationId' },
    payload: {
      allOf: [
        reference('components', 'schemas', 'envelope'),
        {
          type: 'object',
          properties: {
            eventType: { const: eventType },
            data: reference('components', 'schemas', eventType),
          },
        },
      ],
    },
    bindings: { amqp: { contentEncoding: 'utf-8', messageType: eventType } },
    examples: [{ payload: { eventType, data: example } }],
  };
}

/** A JSON Schema without the keywords of a separate document. */
function toJsonSchema(schema: z.ZodType): object {
  const {
    $schema: _dialect,
    id: _id,
    ...rest
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
