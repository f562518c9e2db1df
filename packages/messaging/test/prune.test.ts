import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, testRabbit } from '@plaza/local-stack/testing';
import { deadLetterQueue, on, retryQueue } from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { dlqCommand } from '../src/tools/dlq-command.ts';
import { createManagementApi } from '../src/tools/management-api.ts';
import { pruneRetryQueues } from '../src/tools/prune-retry-queues.ts';
import { createTestService } from './test-service.ts';

const HOUR_MS = 3_600_000;
/** Statistics come after up to 10 s. */
const STATISTICS_MS = 30_000;

let rabbit: Awaited<ReturnType<typeof testRabbit>>;
let connection: amqp.ChannelModel;
let channel: amqp.ConfirmChannel;
let count = 0;
let exchange: string;
let queue: string;

beforeAll(async () => {
  rabbit = await testRabbit();
  connection = await amqp.connect(rabbit.url);
  channel = await connection.createConfirmChannel();
}, 120_000);

afterAll(() => connection.close());

beforeEach(() => {
  exchange = `p${(count += 1)}_events`;
  queue = `picky.${exchange}`;
});

const environment = () => ({
  RABBITMQ_URL: rabbit.url,
  RABBITMQ_MANAGEMENT_URL: rabbit.management.url,
});

async function prune(...args: string[]) {
  const screen = { output: '', errors: '' };
  const status = await dlqCommand(['prune', ...args], {
    environment: environment(),
    signal: new AbortController().signal,
    write: (text) => void (screen.output += text),
    writeError: (text) => void (screen.errors += text),
  });
  return { status, ...screen };
}

/** Prunes until the output has this line: the statistics lag behind. */
const pruneUntil = (line: string) =>
  eventually(async () => {
    const { status, output } = await prune('--wait', '0');
    expect(status).toBe(0);
    expect(output.split('\n')).toContain(line);
  }, STATISTICS_MS);

async function startConsumer(retryAfterMs: number[]) {
  const events = { 'thing.named': on(z.object({}), async () => undefined) };
  const consumer = { exchange, retryAfterMs, events };
  return createTestService('picky', rabbit.url, (broker) => broker.consume(consumer)).start();
}

async function exists(name: string): Promise<boolean> {
  const names = (await createManagementApi(environment()).queues()).map((listed) => listed.name);
  return names.includes(name);
}

/** The retry queue of a delay that no consumer of this test uses. */
async function declareRetryQueue(delayMs: number, source = queue): Promise<string> {
  const name = retryQueue(source, delayMs);
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-message-ttl': delayMs,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': source,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  });
  return name;
}

async function send(name: string): Promise<void> {
  channel.sendToQueue(name, Buffer.from('{}'), { persistent: true });
  await channel.waitForConfirms();
}

test('removes the retry queue of a delay that its consumer no longer has, and nothing else', async () => {
  const before = await startConsumer([HOUR_MS]);
  await before.stop();
  await startConsumer([2_000, 5_000]);
  const notOurs = retryQueue(queue, 2 * HOUR_MS);
  await channel.assertQueue(notOurs);
  await pruneUntil(`${retryQueue(queue, HOUR_MS)}: removed`);
  expect(await exists(retryQueue(queue, HOUR_MS))).toBe(false);
  for (const name of [
    queue,
    deadLetterQueue(queue),
    retryQueue(queue, 2_000),
    retryQueue(queue, 5_000),
    notOurs,
  ])
    expect([name, await exists(name)]).toEqual([name, true]);
}, 60_000);

test('removes nothing with --dry-run, and nothing when it is interrupted between its two looks', async () => {
  await startConsumer([2_000]);
  const stale = await declareRetryQueue(HOUR_MS);
  await eventually(async () => {
    const { status, output } = await prune('--dry-run');
    expect(status).toBe(0);
    expect(output).toContain(`${stale}: would be removed\n`);
    expect(output).toMatch(/\nRetry queues in use: \d+\n$/);
  }, STATISTICS_MS);

  const interrupted = new AbortController();
  const errors: string[] = [];
  const status = await dlqCommand(['prune'], {
    environment: environment(),
    signal: interrupted.signal,
    write: () => undefined,
    writeError: (text) => {
      errors.push(text);
      interrupted.abort();
    },
  });
  expect(status).toBe(1);
  expect(errors.at(-1)).toBe('Stopped. No queue was removed.\n');
  expect(await exists(stale)).toBe(true);
}, 60_000);

test('keeps a retry queue that gets a message between the two looks', async () => {
  await startConsumer([2_000]);
  const stale = await declareRetryQueue(HOUR_MS);
  await eventually(
    async () => expect((await prune('--dry-run')).output).toContain(`${stale}: would`),
    STATISTICS_MS,
  );
  const results = await pruneRetryQueues({
    connection,
    managementApi: createManagementApi(environment()),
    waitForSecondAudit: () => send(stale),
  });
  expect(results).toContainEqual({ name: stale, kind: 'kept', reason: 'it has just been used' });
  expect(await channel.checkQueue(stale)).toMatchObject({ messageCount: 1 });
}, 60_000);

describe('keeps', () => {
  /** A consumer as the management API lists it. */
  const consume = (name: string, delays?: readonly number[]) =>
    channel.consume(name, () => undefined, {
      arguments:
        delays === undefined
          ? {}
          : { 'x-plaza-retry-queues': delays.map((delayMs) => retryQueue(name, delayMs)) },
    });

  /** All of them at once: the statistics of a new queue come after up to 10 s. */
  beforeAll(async () => {
    await channel.prefetch(1);
    for (const name of ['holds', 'two-versions', 'no-consumer', 'untold']) await channel.assertQueue(name);
    for (const name of ['holds', 'two-versions', 'no-consumer', 'untold', 'no-queue'])
      await declareRetryQueue(HOUR_MS, name);
    await consume('holds', []);
    await send(retryQueue('holds', HOUR_MS));
    await consume('two-versions', [HOUR_MS]);
    await consume('two-versions', [2_000]);
    await consume('untold');

    await channel.assertQueue('full', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await consume('full', []);
    await send('full');
    await eventually(async () => expect(await channel.checkQueue('full')).toMatchObject({ messageCount: 0 }));
    await send('full');
    await send(await declareRetryQueue(10, 'full'));
  }, 60_000);

  test.each([
    ['with a message', retryQueue('holds', HOUR_MS), 'it holds 1 message'],
    ['whose message waits for room in the consumer’s queue', retryQueue('full', 10), 'it holds 1 message'],
    [
      'whose consumer is not running',
      retryQueue('no-consumer', HOUR_MS),
      'no consumer of no-consumer is running, so its delays are unknown',
    ],
    [
      'whose consumer does not list its retry queues',
      retryQueue('untold', HOUR_MS),
      'a consumer of untold does not list its retry queues',
    ],
    ['whose consumer’s queue is gone', retryQueue('no-queue', HOUR_MS), 'the queue no-queue does not exist'],
  ])('a retry queue %s', async (_name, name, reason) => {
    await pruneUntil(`${name}: kept, ${reason}`);
    expect(await exists(name)).toBe(true);
  });

  test('the delays of a consumer of an earlier version that still runs', async () => {
    const name = retryQueue('two-versions', HOUR_MS);
    await pruneUntil(`${retryQueue('holds', HOUR_MS)}: kept, it holds 1 message`);
    const { output } = await prune('--wait', '0');
    expect(output).not.toContain(name);
    expect(await exists(name)).toBe(true);
  });
});

test.each([
  [['some.queue'], /prune takes no queue/],
  [['--wait', 'soon'], /--wait is a number of seconds/],
  [['--wait', '-1'], /--wait/],
])('answers the mistake %j in words', async (args, words) => {
  const { status, errors } = await prune(...args);
  expect(status).toBe(64);
  expect(errors).toMatch(words);
});
