import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { checkout, findFiles } from './find-files.ts';

/** Words that do not say what is in a file; the field has a standard word for each. */
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

/** Declarations only: `export type { … }` and `export … from` are not matched. */
const EXPORTED_TYPE = /^export (?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

let named: string[];
/** The files that declare and export a type, by its name. */
const homes = new Map<string, string[]>();

beforeAll(async () => {
  named = await findFiles(NAMED);
  for (const file of await findFiles(SOURCES)) {
    const text = await readFile(join(checkout, file), 'utf8');
    for (const [, name = ''] of text.matchAll(EXPORTED_TYPE))
      homes.set(name, [...(homes.get(name) ?? []), file]);
  }
});

test('no file or folder has a banned word in its name', () => {
  expect(named.length).toBeGreaterThan(500);
  const mistakes = named.flatMap((file) =>
    file
      .split(/[-./]/)
      .filter((word) => BANNED.has(word))
      .map((word) => `${file} has "${word}" in its name: take the field's standard word.`),
  );
  expect(mistakes).toEqual([]);
});

test('no two exported types share a name', () => {
  expect(homes.size).toBeGreaterThan(300);
  const mistakes = [...homes]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `${name} is exported by ${files.join(' and by ')}: give each a name of its own.`);
  expect(mistakes).toEqual([]);
});

/** A program is not a person: prose names the client, the instance, the caller. In quotes it is a made-up name. */
const PERSON = /(?<!['"`/=@\w-])(?:nobody|whoever|everybody|somebody|anybody)(?!['"`@\w-])/i;

test('no comment, message or document says nobody or whoever of a program', async () => {
  const files = await findFiles([
    ...SOURCES,
    'packages/*/{bin,test}/**/*.ts',
    '{api-gateway,service-registry,*-service}/{assets,test}/**/*.{ts,js}',
    '{api-gateway,service-registry}/src/**/*.lua',
    'tests/**/*.ts',
    'docs/**/*.md',
    '{README,CONTRIBUTING}.md',
  ]);
  expect(files.length).toBeGreaterThan(700);
  const mistakes: string[] = [];
  for (const file of files) {
    if (file === 'tests/structure/names.test.ts') continue;
    const lines = (await readFile(join(checkout, file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries())
      if (PERSON.test(line)) mistakes.push(`${file}:${index + 1}: ${line.trim()}`);
  }
  expect(mistakes).toEqual([]);
});
