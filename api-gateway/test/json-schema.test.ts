import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { vaultEnvironment } from '../src/config.ts';
import { loadConfigDocument } from '../src/kong-config/load-config.ts';
import { STANDARD_PLUGINS } from '../src/plugins/index.ts';

const read = (path: string): unknown => parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const schema = read('../gateway.schema.json');
if (typeof schema !== 'object' || schema === null) throw new Error('The schema is an object.');
// Each format has a pattern as well.
const accepts = new Ajv({ strict: false, validateFormats: false }).compile(schema);

const mistakesIn = (document: unknown) =>
  loadConfigDocument(document, { kinds: STANDARD_PLUGINS, environment: vaultEnvironment({}) }).mistakes ?? [];

const FILES = [
  '../gateway.yml',
  'kong-files/deck-dump.yml',
  'kong-files/db-export.yml',
  'kong-files/course.json',
];

/** Mistakes that a schema can find: those within one value, not those between values. */
const SHAPE =
  /: (?:is not known to this gateway|is required|must be (?:a list|an object|a text|a number|a whole number|true or false|-?\d+ at (?:least|most)))$/;

describe('the JSON Schema for editors', () => {
  test.each(FILES)('accepts %s', (path) => {
    expect(accepts(read(path)) ? [] : accepts.errors).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['what this gateway does not have', { certificates: [{}] }],
    ['a plugin without a config that it needs', { plugins: [{ name: 'file-log' }] }],
    ['a field that a plugin does not have', { plugins: [{ name: 'cors', config: { origin: '*' } }] }],
    [
      'the same inside a route',
      { routes: [{ paths: ['/'], plugins: [{ name: 'cors', config: { origin: '*' } }] }] },
    ],
    ['a reference for a name', { services: [{ url: 'http://a', '{vault://env/A}': 1 }] }],
  ])('refuses %s, as the gateway does', (_name, document) => {
    expect([accepts(document), mistakesIn(document).length > 0]).toEqual([false, true]);
  });

  test('says the same as the gateway of any file that is a little wrong', () => {
    const seeds = FILES.map(read);
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (seed, changes) => {
          // Misspellings last: a null put under a misspelled name is the known difference.
          const ordered = changes.toSorted((a, b) => rankOf(a) - rankOf(b));
          const document = ordered.reduce(changed, structuredClone(seed));
          const mistakes = mistakesIn(document);
          const accepted = accepts(document);
          if (mistakes.length === 0) expect(accepted ? [] : accepts.errors).toEqual([]);
          if (accepted) expect(mistakes.filter((mistake) => SHAPE.test(mistake))).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** A value of a file, by its number, and its replacement. */
interface Change {
  readonly at: number;
  readonly become: (owner: Record<string, unknown> | unknown[], key: string) => void;
}

const put =
  (value: unknown): Change['become'] =>
  (owner, key) => {
    const own = structuredClone(value);
    if (Array.isArray(owner)) owner[Number(key)] = own;
    else owner[key] = own;
  };

const takeAway: Change['become'] = (owner, key) => {
  if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
};

/** Except null: the gateway ignores it under any name, and editors mark it. */
const misspell: Change['become'] = (owner, key) => {
  if (Array.isArray(owner)) owner.push(owner[Number(key)]);
  else if (owner[key] !== null) {
    owner[`${key}s`] = owner[key];
    delete owner[key];
  }
};

const rankOf = ({ become }: Change) => (become === misspell ? 1 : 0);

const VALUES = [
  null,
  0,
  -1,
  1.5,
  70_000,
  1e12,
  'text',
  '',
  '/path',
  '{vault://env/JWKS_URL}',
  true,
  false,
  [],
  {},
  [1],
  ['/a'],
  [null],
  { a: 1 },
];

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  become: fc.oneof(fc.constantFrom(...VALUES).map(put), fc.constant(takeAway), fc.constant(misspell)),
});

function changed(document: unknown, { at, become }: Change): unknown {
  const places = placesIn(document);
  const place = places[at % Math.max(1, places.length)];
  if (place !== undefined) become(place.owner, place.key);
  return document;
}

interface Place {
  readonly owner: Record<string, unknown> | unknown[];
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (!isHolder(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ owner: value, key }, ...placesIn(inner)]);
}

const isHolder = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null;
