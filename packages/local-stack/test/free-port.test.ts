import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { findFreePort, isPortFree, findNextFreePort } from '../src/process/free-port.ts';

test.each(['127.0.0.1', undefined])(
  'takes the next free port if another process listens on %s',
  async (host) => {
    const wanted = await findFreePort();
    const occupant = createServer().listen(wanted, host);
    await once(occupant, 'listening');

    const port = await findNextFreePort(wanted, new Set());

    expect(port).toBeGreaterThan(wanted);
    expect(await isPortFree(port)).toBe(true);
    occupant.close();
  },
);

test('takes the wanted port if it is free', async () => {
  const wanted = await findFreePort();

  expect(await findNextFreePort(wanted, new Set([wanted]))).toBe(wanted);
});

test('does not fall back to the default port of another service', async () => {
  const wanted = await findFreePort();
  const occupant = createServer().listen(wanted, '127.0.0.1');
  await once(occupant, 'listening');

  expect(await findNextFreePort(wanted, new Set([wanted + 1]))).toBeGreaterThan(wanted + 1);
  occupant.close();
});
