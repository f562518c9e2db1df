import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { formatSummary } from '../src/testing/reporter.ts';
import { type TemporaryCheckout, createTemporaryCheckout } from './fixtures/temporary-checkout.ts';

let checkout: TemporaryCheckout;

beforeEach(async () => {
  checkout = await createTemporaryCheckout();
  const config = { transform: {}, extensionsToTreatAsEsm: ['.ts'], testMatch: ['**/*.test.ts'] };
  await writeFile(join(checkout.path, 'jest.config.json'), JSON.stringify(config));
  await mkdir(join(checkout.path, 'tests'));
});

afterEach(() => checkout.remove());

test('ends a passing run with its summary and status 0', async () => {
  await writeTest(`test('passes', () => {}); test.skip('is skipped', () => {});`);

  const run = checkout.runPlaza(['test', '--no-check']);

  expect(await run.exitStatus()).toBe(0);
  expect(run.output()).toMatch(/\nTests: .*\n[^]*\n1 passed, 0 failed, 1 skipped\n$/);
});

test('ends a failing run with its summary and status 1', async () => {
  await writeTest(`test('passes', () => {}); test('fails', () => { throw new Error('no'); });`);

  const run = checkout.runPlaza(['test', 'one']);

  expect(await run.exitStatus()).toBe(1);
  expect(run.output()).toMatch(/\n1 passed, 1 failed\n$/);
});

test('counts a file that cannot be run as a failure', async () => {
  await writeTest('this is no TypeScript');

  const run = checkout.runPlaza(['test', 'one']);

  expect(await run.exitStatus()).toBe(1);
  expect(run.output()).toMatch(/\n0 passed, 1 failed\n$/);
});

test('counts a check that fails as a failed test', () => {
  const results = { success: true, numPassedTests: 3, numFailedTests: 0, numPendingTests: 0 };

  expect(formatSummary({ ...results, numTodoTests: 0, numRuntimeErrorTestSuites: 0 }, 2)).toBe(
    '3 passed, 2 failed',
  );
});

test('ends although a test leaves a timer open', async () => {
  await writeTest(`test('leaves a timer', () => { setInterval(() => {}, 1000); });`);

  expect(await checkout.runPlaza(['test', 'one', '--runInBand']).exitStatus()).toBe(0);
});

async function writeTest(source: string): Promise<void> {
  await writeFile(join(checkout.path, 'tests/one.test.ts'), source);
}
