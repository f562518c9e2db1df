import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { renderOrderSagaPage } from './order-saga-page.ts';

test('docs/order-saga.md is what the table of the saga says (else: npm run docs)', async () => {
  const page = await readFile(resolve(import.meta.dirname, '../../docs/order-saga.md'), 'utf8');
  expect(page).toBe(await renderOrderSagaPage());
});
