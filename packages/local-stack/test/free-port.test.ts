import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { findFreePort, isPortFree, findNextFreePort } from '../src/process/free-port.ts';

test.each(['127.0.0.1', undefined])('takes the next free port where somebody listens on %s', async (host) => {
  const wanted = await findFreePort();
  const somebody = createServer().listen(wanted, host);
  await once(somebody, 'listening');

  const port = await findNextFreePort(wanted, new Set());

  expect(port).toBeGreaterThan(wanted);
  expect(await isPortFree(port)).toBe(true);
  somebody.close();
});

test('takes the wanted port where it is free', async () => {
  const wanted = await findFreePort();

  expect(await findNextFreePort(wanted, new Set([wanted]))).toBe(wanted);
});

test('does not fall back to a port that is meant for somebody else', async () => {
  const wanted = await findFreePort();
  const somebody = createServer().listen(wanted, '127.0.0.1');
  await once(somebody, 'listening');

  expect(await findNextFreePort(wanted, new Set([wanted + 1]))).toBeGreaterThan(wanted + 1);
  somebody.close();
});
