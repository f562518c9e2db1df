import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startBrowser } from '@plaza/local-stack/testing';
import { type TemporaryCheckout, createTemporaryCheckout } from './fixtures/temporary-checkout.ts';

type Browser = Awaited<ReturnType<typeof startBrowser>>;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

test('opens a page of a server on loopback, and runs its scripts', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>before</title><script>document.title = "after"</script>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);

  expect(await page.title()).toBe('after');
  await page.close();
  server.closeAllConnections();
  server.close();
});

test('separates the pages of different test files', async () => {
  const own = browser.contexts().length;
  const other = await startBrowser();
  await other.newContext();
  expect(browser.contexts()).toHaveLength(own);
  await other.close();
  expect(browser.isConnected()).toBe(true);
});

describe('without a browser and a way to install one', () => {
  let checkout: TemporaryCheckout;
  beforeEach(async () => {
    checkout = await createTemporaryCheckout();
  });
  afterEach(() => checkout.remove());

  test('doctor says which tests need it and how to install it', async () => {
    const doctor = checkout.runPlaza(['doctor'], { PATH: '/nowhere' });
    await doctor.exitStatus();
    expect(doctor.output()).toMatch(/! chromium +missing +not installed\n +Only tests .* Install it with: /);
  });

  test('npm test prints that, and runs', async () => {
    const config = { transform: {}, extensionsToTreatAsEsm: ['.ts'], testMatch: ['**/*.test.ts'] };
    await writeFile(join(checkout.path, 'jest.config.json'), JSON.stringify(config));
    await mkdir(join(checkout.path, 'tests'));
    await writeFile(join(checkout.path, 'tests/one.test.ts'), `test('passes', () => {});`);
    const servers = { REDIS_URL: 'redis://x', RABBITMQ_URL: 'amqp://x', MONGODB_URI: 'mongodb://x' };

    const run = checkout.runPlaza(['test', 'one'], { PATH: '/nowhere', ...servers });

    expect(await run.exitStatus()).toBe(0);
    expect(run.output()).toMatch(/Chromium .*chromium is not installed\. Install it with: /);
  });
});
