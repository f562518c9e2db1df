import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { PactBuilder } from '../src/pact-builder.ts';
import { anyText } from '../src/matchers.ts';
import { verifyPact } from '../src/pact-verifier.ts';
import {
  addBooksInteraction,
  addTitleInteraction,
  noop,
  createEvent,
  createReaderPact,
  createReader,
} from './fixtures/library.ts';

let builder: PactBuilder;
beforeEach(() => {
  builder = createReaderPact();
});
afterEach(() => builder.cleanUp());

describe('a contract', () => {
  test('is complete with all events that its consumer reads', async () => {
    const consumer = createReader('book.added', 'book.lost');
    await builder.eventInteraction(consumer, 'book.added', { title: anyText('Emma') }, noop);
    expect(() => builder.build()).toThrow('The consumer reads this as well: book.lost.');
    await builder.eventInteraction(consumer, 'book.lost', { title: anyText('Emma') }, noop);
    expect(builder.build().pact.interactions.map(({ description }) => description)).toEqual([
      'book.added',
      'book.lost',
    ]);
  });

  test.each<[string, object, string]>([
    [
      'lacks what the consumer reads',
      { name: anyText('Emma') },
      'bad_data: ✖ Invalid input: expected string',
    ],
    [
      'has what the consumer does not read',
      { title: anyText('Emma'), pages: 400 },
      'Of book.added the consumer reads {"title":"Emma"} and not {"pages":400,"title":"Emma"}.',
    ],
  ])('refuses an event that %s', async (_, data, problem) => {
    await expect(
      builder.eventInteraction(createReader('book.added'), 'book.added', data, noop),
    ).rejects.toThrow(problem);
    expect(() => builder.build()).toThrow('1 of 1 interactions failed');
  });

  test('is not complete where one of its tests failed', async () => {
    const otherThanExpected = async (url: string) => {
      await fetch(url);
      throw new Error('not what was expected');
    };
    await expect(addBooksInteraction(builder, otherThanExpected)).rejects.toThrow('not what was expected');
    await addTitleInteraction(builder);
    expect(() => builder.build()).toThrow('1 of 2 interactions failed');
  });

  test('names no version and no time: what it says twice is the same', async () => {
    const again = createReaderPact();
    for (const each of [builder, again]) await addTitleInteraction(each);
    expect(again.build().pact).toEqual(builder.build().pact);
    expect(again.build().pact.metadata).toEqual({ pactSpecification: { version: '4.0' } });
    await again.cleanUp();
  });
});

describe('a provider', () => {
  test.each<[string, object]>([
    ['another title', { title: 'Persuasion' }],
    ['something else beside it', { title: 'Emma', pages: 400 }],
  ])('may publish %s', async (_, data) => {
    await addTitleInteraction(builder);
    const events = { 'book.added': async () => [createEvent('book.added', data)] };
    await expect(verifyPact(builder.build(), { events })).resolves.toBeUndefined();
  });

  test('must know how to get into a state', async () => {
    await addBooksInteraction(builder);
    await expect(verifyPact(builder.build(), { url: 'http://127.0.0.1:9' })).rejects.toThrow(
      'Nothing arranges this: there is a book.',
    );
  });
});

describe('a provider that breaks it', () => {
  let rejections: Record<string, string>;
  beforeAll(async () => {
    const script = join(import.meta.dirname, 'fixtures/wrong-providers.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', script]);
    rejections = z.record(z.string(), z.string()).parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  });

  test.each<[string, string]>([
    ['no title', '$.data: Actual map is missing the following keys: title'],
    ['an empty title', "$.data.title: Expected '' to match '.+'"],
    ['a number as title', "$.data.title: Expected 1 (Integer) to be the same type as 'Emma' (String)"],
    ['no title but null', "$.data.title: Expected null (Null) to be the same type as 'Emma' (String)"],
  ])('is told so: %s', (name, mismatch) => {
    expect(rejections[name]).toContain(`Reader would break:\nbook.added: ${mismatch}`);
  });

  test.each<[string, string]>([
    ['another event', 'book.added was to be published, and was not: book.lost.'],
    ['another status', 'Reader would break:\na reader: expected 200 but was 204'],
    ['a state that cannot be reached', 'the shelf is full'],
  ])('is told so: %s', (name, problem) => {
    expect(rejections[name]).toContain(problem);
  });
});
