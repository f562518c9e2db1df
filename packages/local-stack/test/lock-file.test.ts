import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { acquireLock, tryAcquireLock } from '../src/process/lock-file.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plaza-test-'));
  path = join(directory, 'a.lock');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('returns the process id of its holder', async () => {
  await acquireLock(path);

  expect(await tryAcquireLock(path)).toBe(process.pid);
});

test('can be taken again when it was released', async () => {
  const held = await acquireLock(path);
  await held.release();

  expect(await tryAcquireLock(path)).toHaveProperty('release');
});

test('is taken over from a process that has ended', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  await writeFile(path, `${gone.pid} 1`);

  expect(await tryAcquireLock(path)).toHaveProperty('release');
});

test('is taken over if the process id belongs to a later process', async () => {
  await writeFile(path, `${process.pid} 1`);

  expect(await tryAcquireLock(path)).toHaveProperty('release');
});

test('goes to exactly one of many processes that find it stale', async () => {
  await writeFile(path, `${process.pid} 1`);

  const results = await Promise.all(Array.from({ length: 20 }, () => tryAcquireLock(path)));

  expect(results.filter((result) => typeof result !== 'number')).toHaveLength(1);
});

test('is free when the process that it was transferred to has ended', async () => {
  const server = spawn('sleep', ['60']);
  const held = await acquireLock(path);
  await held.transferTo(Number(server.pid));
  expect(await tryAcquireLock(path)).toBe(server.pid);

  let waitedFor = 0;
  const next = acquireLock(path, {
    onWait(pid) {
      waitedFor = pid;
      server.kill();
    },
  });

  expect(await next).toHaveProperty('release');
  expect(waitedFor).toBe(server.pid);
});

test('names the process to end after the timeout', async () => {
  await acquireLock(path);

  await expect(acquireLock(path, { timeoutMs: 0 })).rejects.toThrow(
    `Process ${process.pid} still holds ${path}.`,
  );
});
