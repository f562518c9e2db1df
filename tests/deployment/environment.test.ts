import { glob, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '@plaza/service-kit';
import { parse } from 'yaml';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFile(resolve(checkout, path), 'utf8');

/** Variables that Node itself reads. */
const OF_NODE = new Set(['NODE_OPTIONS']);

const compose = z.object({
  services: z.record(z.string(), z.object({ environment: z.record(z.string(), z.unknown()).default({}) })),
});

const release = z.object({
  jobs: z.object({
    deploy: z.object({ steps: z.array(z.object({ env: z.record(z.string(), z.string()).default({}) })) }),
  }),
});

/** The schema of each service's environment. */
const schemas = new Map<string, z.ZodObject>();
let services: z.output<typeof compose>['services'];
let operations: string;

/** A module's schema of the environment, or the function that makes it from the variables that compose sets. */
function schemaIn(module: object, variables: readonly string[]): z.ZodObject {
  for (const value of Object.values(module)) {
    const schema: unknown =
      typeof value === 'function'
        ? value(undefined, Object.fromEntries(variables.map((name) => [name, ''])))
        : value;
    if (schema instanceof z.ZodObject) return schema;
  }
  throw new Error('This module has no schema of the environment.');
}

beforeAll(async () => {
  services = compose.parse(parse(await read('docker-compose.yml'), { merge: true })).services;
  for await (const file of glob('*/src/config.ts', { cwd: checkout, exclude: ['node_modules'] })) {
    const module: object = await import(pathToFileURL(resolve(checkout, file)).href);
    const name = dirname(dirname(file));
    schemas.set(name, schemaIn(module, Object.keys(services[name]?.environment ?? {})));
  }
  operations = await read('docs/operations.md');
});

test('docker-compose.yml sets only variables that the services read', () => {
  expect(schemas.size).toBeGreaterThan(0);
  for (const [name, { shape }] of schemas) {
    const set = Object.keys(services[name]?.environment ?? {});
    expect(set.length).toBeGreaterThan(0);
    const unread = set.filter((variable) => !(variable in shape) && !OF_NODE.has(variable));
    expect({ name, unread }).toEqual({ name, unread: [] });
  }
});

test('docs/operations.md has a row for each variable that a service reads', () => {
  const rows = new Set(
    operations
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => line.split('|')[1]?.match(/[A-Z][A-Z0-9_]+/g) ?? []),
  );
  for (const [name, { shape }] of schemas) {
    const undocumented = Object.keys(shape).filter((variable) => !rows.has(variable));
    expect({ name, undocumented }).toEqual({ name, undocumented: [] });
  }
});

test('the deployment sets the variables that services require in production', async () => {
  const { jobs } = release.parse(parse(await read('.github/workflows/release.yml')));
  const deployed = Object.assign({}, ...jobs.deploy.steps.map(({ env }) => env));
  const value = (name: string, standard: string) => {
    const given: unknown = deployed[name];
    return typeof given === 'string' ? given.replace(/\$\{\{.*\}\}/, 'a-value-of-the-environment') : standard;
  };
  for (const [name, schema] of schemas) {
    const environment = Object.entries(services[name]?.environment ?? {}).map(([variable, set]) => [
      variable,
      String(set).replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, from: string, standard: string) =>
        value(from, standard),
      ),
    ]);
    expect(readConfig(schema, Object.fromEntries(environment))).toMatchObject({ NODE_ENV: 'production' });
  }
});
