import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type TemporaryCheckout, createTemporaryCheckout } from './fixtures/temporary-checkout.ts';

let checkout: TemporaryCheckout;

beforeEach(async () => {
  checkout = await createTemporaryCheckout();
});

afterEach(() => checkout.remove());

test('reports how each server is provided', async () => {
  const doctor = checkout.runPlaza(['doctor'], { RABBITMQ_URL: 'amqp://elsewhere' });

  expect(await doctor.exitStatus()).toBe(0);
  expect(doctor.output()).toMatch(/✓ rabbitmq +ok +RABBITMQ_URL of the environment\n/);
  expect(doctor.output()).toMatch(/✓ redis +ok +redis-server \(.*redis-server\)\n/);
});

test('lists ports in use, also those of npm start itself', async () => {
  const occupant = createServer().listen(checkout.port, '127.0.0.1');
  await once(occupant, 'listening');
  const doctor = checkout.runPlaza(['doctor']);
  expect(await doctor.exitStatus()).toBe(0);
  expect(doctor.output()).toMatch(new RegExp(`! ports +taken .*${checkout.port} \\(echo-service\\)`));
  occupant.close();

  await checkout.runPlaza(['start']).waitForOutput('Plaza is up');
  const again = checkout.runPlaza(['doctor']);
  await again.exitStatus();
  expect(again.output()).toMatch(/✓ ports +ok +in use by npm start, process \d+\n/);
});

test('finds the leftovers of a killed run', async () => {
  const ended = checkout.runPlaza(['nonsense']);
  await ended.exitStatus();
  const leftover = join(checkout.path, `.local/test-${ended.process.pid}`);
  await mkdir(leftover, { recursive: true });

  const doctor = checkout.runPlaza(['doctor']);

  await doctor.exitStatus();
  expect(doctor.output()).toContain(leftover);
});

test('exits with 1 if npm start cannot work', async () => {
  const doctor = checkout.runPlaza(['doctor'], { PATH: join(checkout.path, 'empty') });

  expect(await doctor.exitStatus()).toBe(1);
  expect(doctor.output()).toMatch(/✗ redis +missing +not installed\n +Install it with: /);
});
