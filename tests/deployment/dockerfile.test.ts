import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');

/** The stages of the Dockerfile, by name. */
async function stages(): Promise<Map<string, string>> {
  const text = await readFile(resolve(checkout, 'Dockerfile'), 'utf8');
  return new Map(
    [...text.matchAll(/^FROM \S+ AS (\S+)\n(?:(?!^FROM ).*\n?)*/gm)].map(([stage, name = '']) => [
      name,
      stage,
    ]),
  );
}

test('the shared stages do not depend on SERVICE, so that they are built once', async () => {
  const workspace = (await stages()).get('workspace') ?? '';
  expect(workspace).toMatch(/^RUN .*npm ci\b/m);
  expect(workspace).toMatch(/^RUN .*tsc\b/m);
  expect(workspace).not.toContain('SERVICE');
});
