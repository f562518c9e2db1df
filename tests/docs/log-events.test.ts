import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { collectLogEvents, renderLogEventsPage, type CataloguedLogEvent } from './log-event-catalogue.ts';

const checkout = resolve(import.meta.dirname, '../..');

let events: CataloguedLogEvent[];
/** The source files, without the catalogues. */
const sources = new Map<string, string>();

beforeAll(async () => {
  events = await collectLogEvents();
  const files = glob(['packages/*/src/**/*.ts', '*/src/**/*.ts'], {
    cwd: checkout,
    exclude: ['node_modules/**', 'packages/local-stack/**'],
  });
  for await (const file of files) {
    if (!file.endsWith('.log-events.ts')) sources.set(file, await readFile(join(checkout, file), 'utf8'));
  }
});

describe('docs/log-events.md', () => {
  test('is what the log events say (else: npm run docs)', async () => {
    const page = await readFile(join(checkout, 'docs/log-events.md'), 'utf8');
    expect(page).toBe(await renderLogEventsPage());
  });

  test('has the events of every part', () => {
    const homes = events.map(({ home }) => home);
    expect(homes).toEqual(
      expect.arrayContaining([
        'packages/service-kit',
        'packages/messaging',
        'service-registry',
        'api-gateway',
        'orders-service',
        'posts-service',
        'users-service',
      ]),
    );
  });
});

describe('a log event', () => {
  test('has a code in snake case and a sentence that JSON needs not escape', () => {
    for (const { event, message } of events) {
      expect(event).toMatch(/^[a-z]+(_[a-z0-9]+)+$/);
      expect(JSON.stringify(message)).toBe(`"${message}"`);
      expect(message).not.toMatch(/\.$/);
    }
  });

  test('is written somewhere', () => {
    const unused = events.filter(({ name }) => ![...sources.values()].some((text) => text.includes(name)));
    expect(unused.map(({ event }) => event)).toEqual([]);
  });

  test('stands in each line that the code writes: no line has a text of its own', () => {
    const calls = [...sources].flatMap(([file, text]) =>
      [...text.matchAll(/\blog(?:ger)?\.(?:error|warn|info|debug)\(\s*(['"`])/g)].map(
        ([call]) => `${file}: ${call}`,
      ),
    );
    expect(sources.size).toBeGreaterThan(300);
    expect(calls).toEqual([]);
  });
});
