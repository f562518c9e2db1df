import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PublishedEvent } from '@plaza/messaging';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../..');

export interface EventCatalogueEntry extends PublishedEvent {
  readonly eventType: string;
  readonly exchange: string;
  /** The service that publishes it. */
  readonly producer: string;
  /** The services that read it, with the fields of `data` that each reads. */
  readonly consumers: readonly { readonly service: string; readonly reads: readonly string[] }[];
}

const isSchema = (value: unknown) => value instanceof z.ZodType;
const published = z.object({
  exchange: z.string(),
  source: z.string(),
  events: z.record(
    z.string(),
    z.object({ summary: z.string(), data: z.custom<z.ZodType>(isSchema), example: z.looseObject({}) }),
  ),
});
const consumer = z.object({
  exchange: z.string(),
  events: z.record(z.string(), z.object({ schema: z.custom<z.ZodType>(isSchema) })),
});

/**
 * Every event of the project, from the exports of `*.events.contract.ts` and `*.consumer.ts`, by exchange and type.
 * @throws for a consumer of an event that no service publishes.
 */
export async function collectEvents(): Promise<EventCatalogueEntry[]> {
  const readers = await collectConsumers();
  const events: EventCatalogueEntry[] = [];
  for await (const { value } of importExports('*/src/events/*.events.contract.ts')) {
    const { exchange, source: producer, events: types } = published.parse(value);
    for (const [eventType, event] of Object.entries(types)) {
      const consumers = readers.filter(
        (reader) => reader.exchange === exchange && reader.eventType === eventType,
      );
      events.push({ ...event, eventType, exchange, producer, consumers });
    }
  }
  const orphan = readers.find(
    ({ exchange, eventType }) =>
      !events.some((event) => event.exchange === exchange && event.eventType === eventType),
  );
  if (orphan !== undefined)
    throw new Error(
      `${orphan.service} reads ${orphan.eventType}, which no service publishes to ${orphan.exchange}.`,
    );
  return events.sort((a, b) => `${b.exchange} ${a.eventType}`.localeCompare(`${a.exchange} ${b.eventType}`));
}

async function collectConsumers() {
  const readers: { service: string; exchange: string; eventType: string; reads: string[] }[] = [];
  for await (const { file, value } of importExports('*/src/events/*.consumer.ts')) {
    if (typeof value !== 'function') continue;
    // A consumer's declaration does not call its dependencies, so none are passed.
    const { exchange, events } = consumer.parse(Reflect.apply(value, undefined, []));
    const service = file.split('/', 1)[0] ?? file;
    for (const [eventType, { schema }] of Object.entries(events)) {
      readers.push({ service, exchange, eventType, reads: getFieldNames(schema) });
    }
  }
  return readers.sort((a, b) => a.service.localeCompare(b.service));
}

function getFieldNames(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

async function* importExports(pattern: string): AsyncGenerator<{ file: string; value: unknown }> {
  for await (const file of glob(pattern, { cwd: checkout, exclude: ['node_modules/**'] })) {
    const module: object = await import(pathToFileURL(join(checkout, file)).href);
    for (const value of Object.values(module)) yield { file, value };
  }
}
