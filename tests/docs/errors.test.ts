import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { collectErrors, renderErrorsPage } from './error-catalogue.ts';

describe('docs/errors.md', () => {
  test('is what the error classes say (else: npm run docs)', async () => {
    const page = await readFile(resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    expect(page).toBe(await renderErrorsPage());
  });

  test('has the errors of every part', async () => {
    const homes = (await collectErrors()).flatMap(({ home }) => home.split(', '));
    expect(homes).toEqual(expect.arrayContaining(['packages/errors', 'users-service', 'api-gateway']));
  });
});
