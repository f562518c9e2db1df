import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitUntil } from '../src/process/wait-until.ts';
import { findFreePort } from '../src/process/free-port.ts';
import type { WorkspaceService } from '../src/services/services.ts';
import { type ManagedProcess, createManagedService } from '../src/testing/managed-process.ts';

const echo: WorkspaceService = {
  name: 'echo-service',
  label: 'echo-service',
  version: '1.0.0',
  directory: join(import.meta.dirname, 'fixtures/echo-service'),
  port: 3009,
  uses: [],
  sources: [],
};
let port: number;
let service: ManagedProcess;

beforeEach(async () => {
  port = await findFreePort();
  service = createManagedService(echo, { url: url(''), env: { PORT: String(port) }, until: 'ready' });
});

afterEach(() => service.kill());

test('is ready when it is started, and has its output', async () => {
  await service.start(false);

  expect(await fetchText('/')).toBe('hello');
  expect(service.logs()).toEqual(['listening']);
});

test('restarts on the same port after a kill, and after a crash', async () => {
  await service.start(false);
  const first = await fetchText('/pid');

  await service.kill();
  await expect(fetchText('/')).rejects.toThrow('fetch failed');
  await service.start(false);
  const second = await fetchText('/pid');

  await fetchText('/crash').catch(() => {});
  await waitUntil(
    'the restart',
    () =>
      service
        .start(false)
        .then(() => fetchText('/'))
        .then(Boolean),
    { timeoutMs: 5_000 },
  );
  expect(new Set([first, second, await fetchText('/pid')]).size).toBe(3);
  expect(service.logs()).toEqual(['listening', 'listening', 'listening']);
});

test('fails with its last output if it ends during its start', async () => {
  service = createManagedService(echo, { url: url(''), env: { PORT: 'nonsense' }, until: 'ready' });

  await expect(service.start(false)).rejects.toThrow(
    /echo-service ended during its start.*ERR_SOCKET_BAD_PORT/s,
  );
});

function url(path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

async function fetchText(path: string): Promise<string> {
  return (await fetch(url(path))).text();
}
