import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitUntil } from '../src/process/wait-until.ts';
import { sendRedisCommand } from '../src/servers/redis.ts';
import { createRequestHandlers, type RequestHandlers } from '../src/testing/request-handlers.ts';

let directory: string;
let handlers: RequestHandlers;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plaza-test-'));
  handlers = createRequestHandlers(directory);
});

afterEach(async () => {
  await handlers.close();
  await rm(directory, { recursive: true, force: true });
});

test('starts a server at its first request, and no other', async () => {
  expect(await readdir(directory)).toEqual([]);

  await handlers.space('1/file', { server: 'redis' });

  expect(existsSync(join(directory, 'redis'))).toBe(true);
  expect(existsSync(join(directory, 'mongodb'))).toBe(false);
  expect(existsSync(join(directory, 'rabbitmq'))).toBe(false);
});

test('starts a server once for concurrent requests', async () => {
  const namespaces = await Promise.all(
    ['1/a', '2/b', '3/c'].map((owner) => handlers.space(owner, { server: 'redis' })),
  );

  expect(new Set(namespaces.map(({ url }) => new URL(url).port)).size).toBe(1);
  expect(new Set(namespaces.map(({ url }) => new URL(url).pathname)).size).toBe(3);
});

test("empties a test file's namespace when its worker runs the next file", async () => {
  const { url } = await handlers.space('1/first', { server: 'redis' });
  await sendRedisCommand(url, 'SET name ada');

  await handlers.space('2/other', { server: 'redis' });
  expect(await sendRedisCommand(url, 'DBSIZE')).toBe(':1');

  await handlers.space('1/second', { server: 'redis' });
  await waitUntil(
    'the first file’s namespace',
    async () => (await sendRedisCommand(url, 'DBSIZE')) === ':0',
    {
      timeoutMs: 5_000,
    },
  );
});

test('ends every server with the run', async () => {
  const { url } = await handlers.space('1/file', { server: 'redis' });

  await handlers.close();

  await expect(sendRedisCommand(url, 'PING')).rejects.toThrow('ECONNREFUSED');
});
