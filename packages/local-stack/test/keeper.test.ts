import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../src/process/until.ts';
import { redisCall } from '../src/servers/redis.ts';
import { createDuties, type Duties } from '../src/testing/duties.ts';

let directory: string;
let duties: Duties;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plaza-test-'));
  duties = createDuties(directory);
});

afterEach(async () => {
  await duties.end();
  await rm(directory, { recursive: true, force: true });
});

test('starts no server before it is asked for, and then that one only', async () => {
  expect(await readdir(directory)).toEqual([]);

  await duties.space('1/file', { server: 'redis' });

  expect(existsSync(join(directory, 'redis'))).toBe(true);
  expect(existsSync(join(directory, 'mongodb'))).toBe(false);
  expect(existsSync(join(directory, 'rabbitmq'))).toBe(false);
});

test('starts a server once for all who ask at the same time', async () => {
  const spaces = await Promise.all(
    ['1/a', '2/b', '3/c'].map((owner) => duties.space(owner, { server: 'redis' })),
  );

  expect(new Set(spaces.map(({ url }) => new URL(url).port)).size).toBe(1);
  expect(new Set(spaces.map(({ url }) => new URL(url).pathname)).size).toBe(3);
});

test("empties a test file's space when its worker comes with the next file", async () => {
  const { url } = await duties.space('1/first', { server: 'redis' });
  await redisCall(url, 'SET name ada');

  await duties.space('2/other', { server: 'redis' });
  expect(await redisCall(url, 'DBSIZE')).toBe(':1');

  await duties.space('1/second', { server: 'redis' });
  await until('the first file’s space', async () => (await redisCall(url, 'DBSIZE')) === ':0', {
    within: 5_000,
  });
});

test('ends every server with the run', async () => {
  const { url } = await duties.space('1/file', { server: 'redis' });

  await duties.end();

  await expect(redisCall(url, 'PING')).rejects.toThrow('ECONNREFUSED');
});
