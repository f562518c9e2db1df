import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, testRabbit } from '@plaza/local-stack/testing';
import { deadLetterQueue, on } from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { dlqCommand } from '../src/tools/dlq-command.ts';
import { eventsCommand } from '../src/tools/events-command.ts';
import { createTestService } from './test-service.ts';

let rabbit: Awaited<ReturnType<typeof testRabbit>>;
let connection: amqp.ChannelModel;
let channel: amqp.ConfirmChannel;
let folder: string;
let count = 0;
let exchange: string;
let queue: string;

beforeAll(async () => {
  rabbit = await testRabbit();
  connection = await amqp.connect(rabbit.url);
  channel = await connection.createConfirmChannel();
  folder = await mkdtemp(join(tmpdir(), 'dlq-'));
}, 120_000);

beforeEach(() => {
  exchange = `e${(count += 1)}_events`;
  queue = `picky.${exchange}`;
});

afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true });
});

const openEnded = new AbortController();
const environment = () => ({
  RABBITMQ_URL: rabbit.url,
  RABBITMQ_MANAGEMENT_URL: rabbit.management.url,
});

/** A terminal whose output the test reads. */
function terminal(signal: AbortSignal = openEnded.signal) {
  const screen = { output: '', errors: '' };
  return {
    screen,
    environment: environment(),
    signal,
    write: (text: string) => void (screen.output += text),
    writeError: (text: string) => void (screen.errors += text),
  };
}

async function dlq(...args: string[]) {
  const at = terminal();
  const status = await dlqCommand(args, at);
  return { status, ...at.screen };
}

function body(eventId: string, more: object = {}) {
  return {
    eventId,
    eventType: 'thing.named',
    timestamp: '2026-01-01T12:34:56.789Z',
    aggregateId: `thing-of-${eventId}`,
    seq: 3,
    source: 'a-test',
    correlationId: `request-of-${eventId}`,
    schemaVersion: 1,
    data: { name: 'good' },
    ...more,
  };
}

async function publish(content: object | string, messageId?: string) {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  channel.publish(exchange, 'thing.named', bytes, {
    persistent: true,
    type: 'thing.named',
    ...(messageId === undefined ? {} : { messageId }),
  });
  await channel.waitForConfirms();
}

/** A service whose handler rejects bad names. */
async function pickyService() {
  const got: string[] = [];
  const take = on(z.object({ name: z.string() }), async ({ eventId, data }) => {
    if (data.name === 'bad') throw new Error('a bad name');
    got.push(eventId);
  });
  const service = createTestService('picky', rabbit.url, (broker) =>
    broker.consume({ exchange, events: { 'thing.named': take }, retryAfterMs: [10] }),
  );
  await service.start();
  return got;
}

const dead = (number: number) =>
  eventually(async () => {
    const { messageCount } = await channel.checkQueue(deadLetterQueue(queue));
    expect(messageCount).toBe(number);
  });

describe('dlq', () => {
  test('lists dead letters with reason and time, and leaves them in their queue', async () => {
    await pickyService();
    await publish(body('e1', { data: { name: 'bad' } }), 'e1');
    await publish('hello', 'e2');
    await dead(2);
    for (const names of [[], [queue], [deadLetterQueue(queue)]]) {
      const { status, output } = await dlq('list', ...names);
      expect(status).toBe(0);
      expect(output).toContain(`${queue}: 2\n`);
      expect(output).toMatch(
        /e1 {2}\d{4}-\S+ {2}thing\.named {2}handler_failed after 2 attempts\n.*a bad name/,
      );
      expect(output).toMatch(/e2 {2}\d{4}-\S+ {2}thing\.named {2}not_json\n/);
    }
    await dead(2);
  });

  test('shows one dead letter with its reason, stack and body', async () => {
    await pickyService();
    await publish(body('e1', { data: { name: 'bad' } }), 'e1');
    await dead(1);
    const { status, output } = await dlq('show', queue, 'e1');
    expect(status).toBe(0);
    expect(output).toMatch(
      /reason +handler_failed after 2 attempts\nproblem +Error: a bad name\nstack +Error/,
    );
    expect(output).toContain(`exchange     ${exchange}`);
    expect(output).toContain('"correlationId": "request-of-e1"');
  });

  test('identifies a message without an id by its position', async () => {
    await channel.assertQueue(deadLetterQueue(queue), { durable: true });
    channel.sendToQueue(deadLetterQueue(queue), Buffer.from('first'));
    channel.sendToQueue(deadLetterQueue(queue), Buffer.from('second'));
    await channel.waitForConfirms();
    expect((await dlq('list', queue)).output).toContain('#2');
    expect((await dlq('show', queue, '#2')).output).toContain('second');
  });

  test('replays one unchanged, and it fails again', async () => {
    await pickyService();
    await publish(body('e1', { data: { name: 'bad' } }), 'e1');
    await dead(1);
    const first = (await dlq('show', queue, 'e1')).output;
    expect(await dlq('replay', queue, 'e1')).toMatchObject({
      status: 0,
      output: `Sent again to ${queue}: 1\n`,
    });
    await eventually(async () => {
      const again = (await dlq('show', queue, 'e1')).output;
      expect(again).toContain('after 2 attempts');
      expect(again).not.toBe(first);
    });
  });

  test('replays one with edited data, and its handler succeeds', async () => {
    const got = await pickyService();
    await publish(body('e1', { data: { name: 7 } }), 'e1');
    await publish(body('e2', { data: { name: 7 } }), 'e2');
    await dead(2);
    const data = join(folder, 'data.json');
    await writeFile(data, '{"name": "edited"}');
    expect(await dlq('replay', queue, 'e2', '--data', data)).toMatchObject({ status: 0 });
    await eventually(() => expect(got).toEqual(['e2']));
    await dead(1);
    expect((await dlq('show', queue, 'e1')).status).toBe(0);
  });

  test('replays one with another body if its own is not JSON', async () => {
    const got = await pickyService();
    await publish('hello', 'e1');
    await dead(1);
    const [data, whole] = [join(folder, 'data.json'), join(folder, 'body.json')];
    await writeFile(data, '{"name": "edited"}');
    await writeFile(whole, JSON.stringify(body('e1')));
    const refused = await dlq('replay', queue, 'e1', '--data', data);
    expect(refused).toMatchObject({ status: 1, errors: expect.stringContaining('--body') });
    expect(await dlq('replay', queue, 'e1', '--body', whole)).toMatchObject({ status: 0 });
    await eventually(() => expect(got).toEqual(['e1']));
    await dead(0);
  });

  test('does not replay an edited message that is invalid, and keeps the original', async () => {
    await pickyService();
    await publish('hello', 'e1');
    await dead(1);
    const whole = join(folder, 'body.json');
    await writeFile(whole, '{"eventType": "thing.named"}');
    const { status, errors } = await dlq('replay', queue, 'e1', '--body', whole);
    expect(status).toBe(1);
    expect(errors).toMatch(/still not a valid event[^]*eventId/);
    await dead(1);
  });

  test('replays all, each once', async () => {
    const got = await pickyService();
    for (const id of ['e1', 'e2', 'e3']) {
      const options = { messageId: id, headers: { 'x-retries': 3, 'x-dead-reason': 'handler_failed' } };
      channel.sendToQueue(deadLetterQueue(queue), Buffer.from(JSON.stringify(body(id))), options);
    }
    await channel.waitForConfirms();
    await dead(3);
    expect(await dlq('replay', queue, '--all')).toMatchObject({ output: `Sent again to ${queue}: 3\n` });
    await eventually(() => expect(got.toSorted()).toEqual(['e1', 'e2', 'e3']));
    await dead(0);
  });

  test('keeps a message whose queue does not exist', async () => {
    await channel.assertQueue(deadLetterQueue(queue), { durable: true });
    channel.sendToQueue(deadLetterQueue(queue), Buffer.from('{}'), { messageId: 'e1' });
    await channel.waitForConfirms();
    const { status, errors } = await dlq('replay', queue, 'e1');
    expect(status).toBe(1);
    expect(errors).toBe(`The queue ${queue} does not exist: start its service.\n`);
    await dead(1);
  });

  test('drops one, or all with --yes', async () => {
    await pickyService();
    for (const id of ['e1', 'e2', 'e3']) await publish('hello', id);
    await dead(3);
    expect(await dlq('drop', queue, 'e2')).toMatchObject({ status: 0 });
    await dead(2);
    expect(await dlq('drop', queue, '--all')).toMatchObject({
      status: 64,
      errors: expect.stringContaining('--yes'),
    });
    await dead(2);
    expect(await dlq('drop', queue, '--all', '--yes')).toMatchObject({ status: 0 });
    await dead(0);
  });

  test.each([
    [[], 64, /Which command\?[^]*Usage:/],
    [['shoot'], 64, /There is no command "shoot"[^]*Usage:/],
    [['show'], 64, /Which queue\?/],
    [['show', 'q'], 64, /Which message\?/],
    [['show', 'q', 'a', 'b'], 64, /One message at a time/],
    [['replay', 'q', 'a', '--all'], 64, /Use an id or --all, not both/],
    [['replay', 'q', '--all', '--data', 'x'], 64, /Only one message can be edited at a time/],
    [['replay', 'q', 'a', '--data', 'x', '--body', 'y'], 64, /Use --data or --body, not both/],
    [['replay', 'q', 'a', '--data', '/none'], 1, /\/none cannot be read/],
    [['list', '--colour'], 64, /--colour/],
    [['show', 'nowhere', 'a'], 1, /The queue nowhere\.dead does not exist/],
  ])('explains the mistake %j', async (args, expected, words) => {
    const { status, errors } = await dlq(...args);
    expect(errors).toMatch(words);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(expected);
  });

  test('says that there is no such dead letter', async () => {
    await pickyService();
    expect(await dlq('show', queue, 'e9')).toMatchObject({
      status: 1,
      errors: `There is no dead letter e9 in ${deadLetterQueue(queue)}.\n`,
    });
  });
});

describe('events tail', () => {
  const tails: { stop: AbortController; done: Promise<number> }[] = [];
  afterEach(async () => {
    for (const { stop } of tails) stop.abort();
    await Promise.all(tails.splice(0).map(({ done }) => done));
  });

  /** A tail that is already listening. */
  async function tail(...args: string[]) {
    const stop = new AbortController();
    const at = terminal(stop.signal);
    const done = eventsCommand(['tail', ...args], at);
    tails.push({ stop, done });
    await eventually(() => expect(at.screen.errors).toContain('Listening'));
    return { screen: at.screen, stop, done };
  }

  const lines = (screen: { output: string }) => screen.output.split('\n').slice(0, -1);

  test('prints the events of every exchange, and consumers still receive them', async () => {
    const got = await pickyService();
    const { screen, stop, done } = await tail();
    await publish(body('e1'));
    await eventually(() => expect(lines(screen)).toHaveLength(1));
    expect(screen.output).toBe(
      '12:34:56.789 thing.named          thing-of-e1 #3  a-test  request-of-e1  {"name":"good"}\n',
    );
    await eventually(() => expect(got).toEqual(['e1']));
    stop.abort();
    expect(await done).toBe(0);
  });

  test.each([
    ['--type', 'thing.*'],
    ['--aggregate', 'thing-of-e1'],
    ['--correlation', 'request-of-e1'],
  ])('prints only the events that match %s %s', async (option, value) => {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    const { screen } = await tail('--json', '--exchange', exchange, option, value);
    const other = body('e2', { eventType: 'other.named' });
    channel.publish(exchange, 'other.named', Buffer.from(JSON.stringify(other)));
    await publish(body('e1'));
    await eventually(() => expect(lines(screen).map((line) => JSON.parse(line))).toEqual([body('e1')]));
  });

  test('prints a message that is not an event as it is', async () => {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    const { screen } = await tail('--exchange', exchange);
    await publish('hello');
    await eventually(() =>
      expect(screen.output).toContain(`thing.named on ${exchange} is not an event: hello`),
    );
  });

  test.each([
    [[], 64, 'Which command?'],
    [['head'], 64, 'There is no command "head".'],
    [['tail', '--exchange', 'no_events'], 1, 'The exchange no_events does not exist'],
    [['tail', '--colour'], 64, '--colour'],
  ])('explains the mistake %j', async (args, status, words) => {
    const at = terminal();
    expect(await eventsCommand(args, at)).toBe(status);
    expect(at.screen.errors).toContain(words);
  });
});

describe('from a shell', () => {
  const run = promisify(execFile);
  const tool = (name: string) => join(import.meta.dirname, `../bin/${name}.ts`);

  test.each(['dlq', 'events'])('%s --help prints the usage', async (name) => {
    const { stdout } = await run(process.execPath, ['--conditions=source', tool(name), '--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: ${name} `));
  });

  test('says in a sentence that the broker is away, and exits with 1', async () => {
    const env = { ...process.env, RABBITMQ_URL: 'amqp://127.0.0.1:1' };
    const args = ['--conditions=source', tool('dlq'), 'list', 'some.queue'];
    await expect(run(process.execPath, args, { env })).rejects.toMatchObject({
      code: 1,
      stderr: 'RabbitMQ does not answer at 127.0.0.1:1. Set RABBITMQ_URL to its address.\n',
    });
  });
});
