import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');

/** Words that told a newcomer nothing; there is a standard one for each. */
const BANNED = new Set(
  [
    ['keeper', 'keeping', 'kept', 'tally', 'tallies', 'verdict', 'verdicts', 'judge', 'standing', 'visit'],
    ['flights', 'duties', 'owners', 'waiting', 'trims', 'roster', 'passing', 'asking', 'try', 'choice'],
    ['arrival', 'news', 'place', 'picture', 'board', 'things', 'neighbours', 'market', 'mortal', 'mending'],
    ['leftover', 'leftovers', 'acquaintance', 'watchdog', 'outboxed', 'draft', 'agreed', 'relayed'],
  ].flat(),
);

const SOURCES = ['packages/*/src/**/*.ts', '*/src/**/*.ts'];
const NAMED = [
  'packages/*/{bin,scripts,src,test}/**/*.*',
  '{api-gateway,service-registry,*-service}/{assets,src,test}/**/*.*',
  'tests/**/*.*',
];

/** A declaration; `export type { … }` and `export … from` are none. */
const EXPORTED_TYPE = /^export (?:declare )?(?:abstract )?(?:interface|type|class) (\w+)/gm;

let named: string[];
/** By the type's name, the files that declare and export it. */
const homes = new Map<string, string[]>();

async function find(patterns: string[]): Promise<string[]> {
  const exclude = ['node_modules/**', '**/node_modules/**', '**/dist/**', '.local/**'];
  const files: string[] = [];
  for await (const file of glob(patterns, { cwd: checkout, exclude })) files.push(file);
  return files.sort();
}

beforeAll(async () => {
  named = await find(NAMED);
  for (const file of await find(SOURCES)) {
    const text = await readFile(join(checkout, file), 'utf8');
    for (const [, name = ''] of text.matchAll(EXPORTED_TYPE))
      homes.set(name, [...(homes.get(name) ?? []), file]);
  }
});

test('no file and no folder is named by a word that says nothing of what is in it', () => {
  expect(named.length).toBeGreaterThan(500);
  const mistakes = named.flatMap((file) =>
    file
      .split(/[-./]/)
      .filter((word) => BANNED.has(word))
      .map((word) => `${file} has "${word}" in its name: take the field's standard word.`),
  );
  expect(mistakes).toEqual([]);
});

test('no two exported interfaces, types or classes have one name', () => {
  expect(homes.size).toBeGreaterThan(300);
  const mistakes = [...homes]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `${name} is exported by ${files.join(' and by ')}: give each a name of its own.`);
  expect(mistakes).toEqual([]);
});
