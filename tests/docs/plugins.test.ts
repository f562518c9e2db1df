import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { renderPluginsPage } from './plugins-page.ts';

test('docs/plugins.md is up to date with the schemas of the plugins (else: npm run docs)', async () => {
  const page = await readFile(resolve(import.meta.dirname, '../../docs/plugins.md'), 'utf8');
  expect(page).toBe(await renderPluginsPage());
});
