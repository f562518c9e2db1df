import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { testRabbit } from '@plaza/local-stack/testing';
import amqp from 'amqplib';

test('a service whose topology differs from the broker’s exits with 78 and prints the differences', async () => {
  const { url } = await testRabbit();
  const connection = await amqp.connect(url);
  const channel = await connection.createChannel();
  await channel.assertExchange('mismatched_events', 'headers', { durable: true });
  await connection.close();

  const { status, output } = await new Promise<{ status: unknown; output: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=source', join(import.meta.dirname, 'fixtures/mismatched-service.ts')],
      { env: { ...process.env, RABBITMQ_URL: url, PORT: '0', DRAIN_MS: '0', LOG_FORMAT: 'json' } },
      (error, stdout) => resolve({ status: error?.code, output: stdout }),
    );
  });
  expect(output).toContain(
    "The exchange mismatched_events has type 'headers' on the broker and 'topic' in this service.",
  );
  expect(status).toBe(78);
}, 60_000);
