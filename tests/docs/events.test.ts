import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { renderAsyncApi } from './asyncapi.ts';
import { collectEvents } from './event-catalogue.ts';
import { renderEventsPage } from './events-page.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const events = await collectEvents();

test('docs/events.md is up to date with contracts and consumers (else: npm run docs)', async () => {
  expect(await readFile(resolve(docs, 'events.md'), 'utf8')).toBe(await renderEventsPage());
});

test('docs/asyncapi.yaml is up to date with contracts and consumers (else: npm run docs)', async () => {
  expect(await readFile(resolve(docs, 'asyncapi.yaml'), 'utf8')).toBe(await renderAsyncApi());
});

describe.each(events.map((event) => [event.eventType, event] as const))('%s', (_eventType, event) => {
  test('has an example that its schema accepts', () => {
    expect(event.data.safeParse(event.example).error).toBeUndefined();
  });

  test('has every field that a consumer reads', () => {
    for (const { reads } of event.consumers)
      expect(Object.keys(event.example)).toEqual(expect.arrayContaining([...reads]));
  });
});
