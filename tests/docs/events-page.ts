import { format } from 'prettier';
import { envelopeSchema } from '@plaza/messaging';
import { z } from 'zod';
import { collectEvents, type EventCatalogueEntry } from './event-catalogue.ts';

/** The text of docs/events.md. */
export async function renderEventsPage(): Promise<string> {
  const events = await collectEvents();
  const page = `# Events

Events go over durable topic exchanges; the routing key is the event's type. Messages are persistent. Each consumer has
a durable quorum queue \`<service>.<exchange>\`, three retry queues (1 s, 5 s, 30 s) and the dead-letter queue
\`<queue>.dead\`. The same in machine-readable form: [asyncapi.yaml](asyncapi.yaml).

| event | exchange | published by | read by |
| --- | --- | --- | --- |
${events.map((event) => `| [\`${event.eventType}\`](#${anchor(event)}) | ${event.exchange} | ${event.producer} | ${event.consumers.map(({ service }) => service).join(', ') || '—'} |`).join('\n')}

## The envelope

| field | type | is |
| --- | --- | --- |
${renderRows(z.object(envelopeSchema.shape))}

\`messageId\` (the event's id), \`correlationId\`, \`type\`, \`appId\` (the source) and \`timestamp\` are in the AMQP
properties too, \`traceparent\` in the headers.

An event may arrive twice, or after a newer one: a handler is one conditional write with the event's \`seq\` or
id. Events of one aggregate keep their order. A consumer ignores unknown fields.

${events.map(renderSection).join('\n')}
`;
  return format(page, { parser: 'markdown', printWidth: 110 });
}

const anchor = ({ eventType }: EventCatalogueEntry) => eventType.replaceAll('.', '');

function renderSection({
  eventType,
  summary,
  data,
  example,
  exchange,
  producer,
  consumers,
}: EventCatalogueEntry): string {
  const readers = consumers.map(
    ({ service, reads }) => `${service} (${reads.map((name) => `\`${name}\``).join(', ')})`,
  );
  return `## ${eventType}

${summary}

Published by ${producer} to \`${exchange}\`. Read by ${readers.join(', ') || 'no service'}.

| field of data | type | |
| --- | --- | --- |
${renderRows(data)}

\`\`\`json
${JSON.stringify(example)}
\`\`\`
`;
}

interface JsonSchema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    type: z.unknown().exactOptional(),
    enum: z.array(z.unknown()).exactOptional(),
    items: jsonSchema.exactOptional(),
    properties: z.record(z.string(), jsonSchema).exactOptional(),
    required: z.array(z.string()).exactOptional(),
    description: z.string().exactOptional(),
  }),
);

function renderRows(schema: z.ZodType): string {
  const { properties = {}, required = [] } = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  return Object.entries(properties)
    .map(([name, field]) => {
      const optional = required.includes(name) || name === 'data' ? '' : ', optional';
      return `| \`${name}\` | ${renderType(field)}${optional} | ${field.description ?? ''} |`;
    })
    .join('\n');
}

function renderType({ type, enum: values, items, properties }: JsonSchema): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(' or ');
  if (items !== undefined) return `list of ${renderType(items)}`;
  if (properties !== undefined) {
    return `{ ${Object.entries(properties)
      .map(([name, field]) => `${name}: ${renderType(field)}`)
      .join(', ')} }`;
  }
  return typeof type === 'string' ? type : 'any';
}
