import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { getProcessIdentity } from '../src/process/identity.ts';
import { waitUntil } from '../src/process/wait-until.ts';
import { sendRedisCommand } from '../src/servers/redis.ts';
import { type TemporaryCheckout, createTemporaryCheckout } from './fixtures/temporary-checkout.ts';

let checkout: TemporaryCheckout;

beforeEach(async () => {
  checkout = await createTemporaryCheckout();
});

afterEach(() => checkout.remove());

test('starts servers and services, prints their addresses, and ends them all on Ctrl-C', async () => {
  const run = checkout.runPlaza(['start']);
  await run.waitForOutput('Plaza is up');
  const pids = await getProcessIds();
  expect(run.output()).toContain(`http://localhost:${checkout.port}`);
  expect(await sendRedisCommand(await fetchText('/redis'), 'PING')).toBe('+PONG');

  run.process.kill('SIGINT');

  expect(await run.exitStatus()).toBe(0);
  expect(await findRunning(pids)).toEqual([]);
});

test('uses the next free port if one is in use, and prints that', async () => {
  const occupant = createServer().listen(checkout.port, '127.0.0.1');
  await once(occupant, 'listening');

  const run = checkout.runPlaza(['start']);

  await run.waitForOutput('Plaza is up');
  expect(run.output()).toMatch(new RegExp(`✓ echo-service .* port \\d+, since ${checkout.port} is in use`));
  occupant.close();
});

test('starts one more instance of a service, of another version', async () => {
  const run = checkout.runPlaza(['start', '--also', 'echo-service@2.0.0']);
  await run.waitForOutput('Plaza is up');
  const [, other] = /echo-service@2\.0\.0 +http:\/\/localhost:(\d+)/.exec(run.output()) ?? [];
  expect(Number(other)).not.toBe(checkout.port);
  expect(run.output()).toMatch(/✓ echo-service@2\.0\.0/);
});

test.each([
  ['echo-service', '"echo-service" is no instance: write a service and its version, users-service@2.0.0.'],
  ['tea-service@2.0.0', 'There is no service tea-service: there are echo-service.'],
])('reports what is wrong with --also %s', async (also, sentence) => {
  const run = checkout.runPlaza(['start', '--also', also]);
  expect(await run.exitStatus()).toBe(1);
  expect(run.output()).toContain(sentence);
});

test('restarts a crashed service and prints that', async () => {
  const run = checkout.runPlaza(['start']);
  await run.waitForOutput('Plaza is up');
  const before = await fetchText('/pid');

  await fetchText('/crash').catch(() => {});

  await run.waitForOutput('! echo-service ended with status 9; restarting it in 1 s');
  await waitUntil('the service', async () => (await fetchText('/pid')) !== before, { timeoutMs: 5_000 });
});

test('restarts a crashed server and prints that', async () => {
  const run = checkout.runPlaza(['start']);
  await run.waitForOutput('Plaza is up');
  const [redis = 0] = await getProcessIds();

  process.kill(redis, 'SIGKILL');

  await run.waitForOutput('! Redis was ended by SIGKILL; restarting it in 1 s');
  await run.waitForOutput('! Redis answers again');
});

test('refuses to start twice in a checkout', async () => {
  const first = checkout.runPlaza(['start']);
  await first.waitForOutput('Plaza is up');

  const second = checkout.runPlaza(['start']);

  expect(await second.exitStatus()).toBe(1);
  expect(second.output()).toMatch(/^Plaza is already running in this checkout. .*kill \d+\n$/);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing running after %s', async (signal) => {
  const run = checkout.runPlaza(['start']);
  await run.waitForOutput('Plaza is up');
  const pids = await getProcessIds();

  run.process.kill(signal);

  await waitUntil('the end of all processes', async () => (await findRunning(pids)).length === 0, {
    timeoutMs: 10_000,
  });
});

test('ends when the shell between npm and it ends', async () => {
  const shell = checkout.runNpmStart();
  await shell.waitForOutput('Plaza is up');
  const pids = await getProcessIds();

  shell.process.kill('SIGTERM');

  await waitUntil('the end of all processes', async () => (await findRunning(pids)).length === 0, {
    timeoutMs: 10_000,
  });
});

test('with --watch, runs changed source', async () => {
  const run = checkout.runPlaza(['start', '--watch']);
  await run.waitForOutput('Plaza is up');
  expect(await fetchText('/')).toBe('hello');

  const path = join(checkout.path, 'echo-service/src/main.ts');
  await writeFile(path, (await readFile(path, 'utf8')).replace("'hello'", "'good day'"));

  await waitUntil('the change', async () => (await fetchText('/')) === 'good day', { timeoutMs: 5_000 });
  expect(run.output()).toContain('! echo-service restarting: echo-service/src/main.ts has changed');
});

test('keeps data from start to start, until --reset', async () => {
  const first = checkout.runPlaza(['start']);
  await first.waitForOutput('Plaza is up');
  await sendRedisCommand(await fetchText('/redis'), 'SET name ada');
  first.process.kill('SIGTERM');
  await first.exitStatus();

  const second = checkout.runPlaza(['start']);
  await second.waitForOutput('Plaza is up');
  expect(await sendRedisCommand(await fetchText('/redis'), 'DBSIZE')).toBe(':1');
  second.process.kill('SIGTERM');
  await second.exitStatus();

  await checkout.runPlaza(['start', '--reset']).waitForOutput('Plaza is up');
  expect(await sendRedisCommand(await fetchText('/redis'), 'DBSIZE')).toBe(':0');
});

test('removes its downloads and builds with --clean', async () => {
  const cache = join(checkout.path, 'cache');
  await mkdir(join(cache, 'plaza/mongod'), { recursive: true });
  await mkdir(join(checkout.path, '.local/redis'), { recursive: true });

  const run = checkout.runPlaza(['start', '--clean'], { XDG_CACHE_HOME: cache });

  expect(await run.exitStatus()).toBe(0);
  expect([existsSync(join(cache, 'plaza')), existsSync(join(checkout.path, '.local'))]).toEqual([
    false,
    false,
  ]);
});

test('stops when the reader of its output has ended', async () => {
  const run = checkout.runPlaza(['start']);
  await run.waitForOutput('Plaza is up');
  const pids = await getProcessIds();

  run.process.stdout?.destroy();
  await fetchText('/crash').catch(() => {}); // the start prints that

  await waitUntil('the end of all processes', async () => (await findRunning(pids)).length === 0, {
    timeoutMs: 10_000,
  });
});

async function fetchText(path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${checkout.port}${path}`);
  return response.text();
}

/** The process ids of Redis and of the service. */
async function getProcessIds(): Promise<number[]> {
  const redis = await readFile(join(checkout.path, '.local/redis.lock'), 'utf8');
  return [Number.parseInt(redis, 10), Number(await fetchText('/pid'))];
}

async function findRunning(pids: readonly number[]): Promise<string[]> {
  const alive = await Promise.all(pids.map(getProcessIdentity));
  return alive.filter((identity) => identity !== undefined);
}
