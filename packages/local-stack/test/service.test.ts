import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../src/process/until.ts';
import { anyPort } from '../src/process/port.ts';
import type { Service } from '../src/services/services.ts';
import { type Controlled, controlledService } from '../src/testing/controlled.ts';

const echo: Service = {
  name: 'echo-service',
  label: 'echo-service',
  version: '1.0.0',
  directory: join(import.meta.dirname, 'fixtures/echo-service'),
  port: 3009,
  uses: [],
  sources: [],
};
let port: number;
let service: Controlled;

beforeEach(async () => {
  port = await anyPort();
  service = controlledService(echo, { url: url(''), env: { PORT: String(port) }, until: 'ready' });
});

afterEach(() => service.kill());

test('is ready when it is started, and tells what it has printed', async () => {
  await service.start(false);

  expect(await ask('/')).toBe('hello');
  expect(service.logs()).toEqual(['listening']);
});

test('comes back on the same port after a kill, and after a crash', async () => {
  await service.start(false);
  const first = await ask('/pid');

  await service.kill();
  await expect(ask('/')).rejects.toThrow('fetch failed');
  await service.start(false);
  const second = await ask('/pid');

  await ask('/crash').catch(() => {});
  await until(
    'the restart',
    () =>
      service
        .start(false)
        .then(() => ask('/'))
        .then(Boolean),
    { within: 5_000 },
  );
  expect(new Set([first, second, await ask('/pid')]).size).toBe(3);
  expect(service.logs()).toEqual(['listening', 'listening', 'listening']);
});

test('fails with its last words where it ends while it is starting', async () => {
  service = controlledService(echo, { url: url(''), env: { PORT: 'nonsense' }, until: 'ready' });

  await expect(service.start(false)).rejects.toThrow(
    /echo-service ended while it was starting.*ERR_SOCKET_BAD_PORT/s,
  );
});

function url(path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

async function ask(path: string): Promise<string> {
  return (await fetch(url(path))).text();
}
