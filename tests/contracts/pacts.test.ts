import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { collectEvents } from '../docs/event-catalogue.ts';

const checkout = resolve(import.meta.dirname, '../..');

const party = z.object({ name: z.string() });
const interaction = z.object({ type: z.string(), description: z.string() });
const pactSchema = z.object({ consumer: party, provider: party, interactions: z.array(interaction) });

const pacts = await Promise.all(
  (await readdir(join(checkout, 'pacts'))).map(async (file) => {
    const text = await readFile(join(checkout, 'pacts', file), 'utf8');
    const { consumer, provider, interactions } = pactSchema.parse(JSON.parse(text));
    return { file, consumer: folderOf(consumer.name), provider: folderOf(provider.name), interactions };
  }),
);

/** `PostsService` is in posts-service/. */
function folderOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

describe.each(pacts)('pacts/$file', ({ consumer, provider }) => {
  test('is written by a test of its consumer', () => {
    expect(existsSync(join(checkout, consumer, 'test/contracts', `${provider}.pact.test.ts`))).toBe(true);
  });

  test('is verified by a test of its provider', () => {
    expect(existsSync(join(checkout, provider, 'test/contracts/provider.test.ts'))).toBe(true);
  });
});

const readings = (await collectEvents()).flatMap(({ eventType, producer, consumers }) =>
  consumers.map(({ service }) => [eventType, service, producer] as const),
);

test.each(readings)('%s, which %s reads, is in its pact with %s', (eventType, consumer, producer) => {
  const pact = pacts.find((each) => each.consumer === consumer && each.provider === producer);
  expect(pact?.interactions).toContainEqual({ type: 'Asynchronous/Messages', description: eventType });
});
