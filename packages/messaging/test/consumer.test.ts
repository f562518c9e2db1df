import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, testRabbit } from '@plaza/local-stack/testing';
import { currentContext } from '@plaza/service-kit';
import {
  deadLetterQueue,
  on,
  type EventConsumer,
  type Envelope,
  type HandlerContext,
} from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { createTestService } from './test-service.ts';

let url: string;
let connection: amqp.ChannelModel;
let channel: amqp.ConfirmChannel;
let exchange: string;
let queue: string;
let count = 0;

beforeAll(async () => {
  ({ url } = await testRabbit());
  connection = await amqp.connect(url, { noDelay: true });
  channel = await connection.createConfirmChannel();
}, 120_000);

beforeEach(() => {
  exchange = `e${(count += 1)}_events`;
  queue = `reader.${exchange}`;
});

afterAll(() => connection.close());

const nameData = z.object({ name: z.string() });
type NameEvent = Envelope<z.output<typeof nameData>>;

/** A service that consumes `thing.named`, with short retry delays unless the test says otherwise. */
function reader(
  handle: (event: NameEvent, context: HandlerContext) => Promise<unknown>,
  policy: Partial<EventConsumer> = {},
  options: Parameters<typeof createTestService>[3] = {},
) {
  const retryAfterMs = [60, 120, 180];
  return createTestService(
    'reader',
    url,
    (broker) =>
      broker.consume({ exchange, retryAfterMs, events: { 'thing.named': on(nameData, handle) }, ...policy }),
    options,
  );
}

let ids = 0;
function envelope(name: string, more: Partial<Envelope> = {}): Envelope {
  return {
    eventId: `event-${(ids += 1)}`,
    eventType: 'thing.named',
    timestamp: new Date().toISOString(),
    aggregateId: `aggregate-of-${name}`,
    seq: 1,
    source: 'a-test',
    correlationId: `request-of-${name}`,
    schemaVersion: 1,
    data: { name },
    ...more,
  };
}

async function publish(body: unknown, properties: amqp.Options.Publish = {}) {
  const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  channel.publish(exchange, 'thing.named', content, { persistent: true, ...properties });
  await channel.waitForConfirms();
}

/** The next message of the dead-letter queue. */
const nextDead = () =>
  eventually(async () => {
    expect(await depth(deadLetterQueue(queue))).toBeGreaterThan(0);
    const message = await channel.get(deadLetterQueue(queue), { noAck: true });
    if (message === false) throw new Error('no dead letter');
    return message;
  });

/** Uses its own channel, because a missing queue closes it. */
async function depth(name: string): Promise<number> {
  const own = await connection.createChannel();
  own.on('error', () => undefined);
  const { messageCount } = await own.checkQueue(name);
  await own.close();
  return messageCount;
}

describe('a handled event', () => {
  test('reaches the handler as the schema’s output, with the envelope', async () => {
    const got: NameEvent[] = [];
    await reader(async (event) => got.push(event)).start();
    const sent = envelope('one', { causationId: 'event-0' });
    await publish({ ...sent, data: { name: 'one', unknown: true }, unknown: true });
    await eventually(() => expect(got).toEqual([{ ...sent, data: { name: 'one' } }]));
  });

  test('is handled in the context of the request and of the event', async () => {
    const contexts: unknown[] = [];
    await reader(async () => contexts.push(currentContext())).start();
    const sent = envelope('one');
    await publish(sent, { headers: { traceparent: '00-aa-bb-01' } });
    await eventually(() =>
      expect(contexts).toEqual([
        { requestId: sent.correlationId, causationId: sent.eventId, traceparent: '00-aa-bb-01' },
      ]),
    );
  });

  test('is measured: outcome, handler time, and lag from the commit', async () => {
    const service = await reader(async () => undefined).start();
    await publish(envelope('one', { timestamp: new Date(Date.now() - 2_000).toISOString() }));
    const labels = `queue="${queue}",event_type="thing.named"`;
    await eventually(async () =>
      expect(await service.metric(`messaging_consumed_total{${labels},outcome="handled"}`)).toBe(1),
    );
    expect(await service.metric(`messaging_handler_duration_seconds_count{${labels}}`)).toBe(1);
    const lag = await service.metric(`messaging_lag_seconds_sum{${labels}}`);
    expect(lag).toBeGreaterThan(2);
    expect(lag).toBeLessThan(5);
  });

  test('goes to the handler of the most specific matching pattern', async () => {
    const got: string[] = [];
    const take = (name: string) => on(z.unknown(), async () => got.push(name));
    const events = { '#': take('any'), 'thing.*': take('thing'), 'thing.named': take('exact') };
    await reader(async () => undefined, { events }).start();
    await publish(envelope('one'));
    await eventually(() => expect(got).toEqual(['exact']));
  });
});

describe('order', () => {
  test('of one aggregate is kept, and a slow aggregate does not delay another', async () => {
    const log: string[] = [];
    const { promise: release, resolve } = Promise.withResolvers<void>();
    await reader(async ({ data, seq }) => {
      if (data.name === 'slow' && seq === 1) await release;
      log.push(`${data.name} ${seq}`);
    }).start();
    await publish(envelope('slow', { seq: 1 }));
    await publish(envelope('slow', { seq: 2 }));
    await publish(envelope('quick', { seq: 1 }));
    await eventually(() => expect(log).toEqual(['quick 1']));
    resolve();
    await eventually(() => expect(log).toEqual(['quick 1', 'slow 1', 'slow 2']));
  });

  test('the prefetch limits the events handled concurrently', async () => {
    let atOnce = 0;
    let most = 0;
    let done = 0;
    const handle = async () => {
      most = Math.max(most, (atOnce += 1));
      await wait(5);
      atOnce -= 1;
      done += 1;
    };
    await reader(handle, { prefetch: 3 }).start();
    await Promise.all(Array.from({ length: 30 }, (_, index) => publish(envelope(String(index)))));
    await eventually(() => expect(done).toBe(30));
    expect(most).toBe(3);
  });
});

describe('a failing handler', () => {
  test('is retried after each delay, then the event becomes a dead letter with the reason', async () => {
    const attempts: { attempt: number; at: number }[] = [];
    const service = reader(async (_event, { attempt }) => {
      attempts.push({ attempt, at: performance.now() });
      throw new TypeError(`no. ${attempt} failed, Authorization: Bearer abcdefghijkl`);
    });
    await service.start();
    const sent = envelope('one');
    await publish(sent, {
      messageId: sent.eventId,
      type: 'thing.named',
      headers: { kept: 'yes', CC: ['x'] },
    });
    const dead = await nextDead();

    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    const pauses = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0));
    [60, 120, 180].forEach((delay, index) => expect(pauses[index]).toBeGreaterThanOrEqual(delay - 5));
    expect(JSON.parse(dead.content.toString())).toEqual(sent);
    expect(dead.properties).toMatchObject({ messageId: sent.eventId, type: 'thing.named', deliveryMode: 2 });
    expect(dead.properties.headers).toMatchObject({
      kept: 'yes',
      'x-retries': 3,
      'x-origin-exchange': exchange,
      'x-origin-routing-key': 'thing.named',
      'x-dead-reason': 'handler_failed',
      'x-dead-problem': 'TypeError: no. 4 failed, Authorization: Bearer [redacted]',
      'x-dead-stack': expect.stringContaining('consumer.test.ts'),
      'x-dead-at': expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(dead.properties.headers).not.toHaveProperty('CC');
    const labels = `queue="${queue}"`;
    expect(await service.metric(`messaging_retries_total{${labels},event_type="thing.named"}`)).toBe(3);
    expect(await service.metric(`messaging_dead_letters_total{${labels},reason="handler_failed"}`)).toBe(1);
  });

  test('that succeeds in a retry leaves no message behind', async () => {
    let calls = 0;
    await reader(async () => {
      if ((calls += 1) < 3) throw new Error('not yet');
    }).start();
    await publish(envelope('one'));
    await eventually(() => expect(calls).toBe(3));
    await eventually(async () => expect(await depth(queue)).toBe(0));
    expect(await depth(deadLetterQueue(queue))).toBe(0);
  });

  test('gets the retry alone, even if other consumers had the event', async () => {
    const calls = { failing: 0, other: 0 };
    const failing = reader(async () => {
      if ((calls.failing += 1) < 3) throw new Error('not yet');
    });
    const other = createTestService('other', url, (broker) =>
      broker.consume({ exchange, events: { 'thing.named': on(nameData, async () => (calls.other += 1)) } }),
    );
    await Promise.all([failing.start(), other.start()]);
    await publish(envelope('one'));
    await eventually(() => expect(calls.failing).toBe(3));
    expect(calls.other).toBe(1);
  });

  test('that misses its deadline is aborted by its signal and counts as failed', async () => {
    const reasons: unknown[] = [];
    const handle = (_event: NameEvent, { signal }: HandlerContext) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        });
      });
    await reader(handle, { deadlineMs: 50, retryAfterMs: [] }).start();
    await publish(envelope('one'));
    const dead = await nextDead();
    expect(reasons).toEqual([expect.objectContaining({ name: 'HandlerTimeout' })]);
    expect(dead.properties.headers).toMatchObject({
      'x-dead-problem': 'HandlerTimeout: The handler did not end within 50 ms.',
    });
  });

  test('that never ends and ignores its signal counts as failed as well', async () => {
    await reader(() => new Promise(() => undefined), { deadlineMs: 50, retryAfterMs: [] }).start();
    await publish(envelope('one'));
    await expect(nextDead()).resolves.toBeDefined();
  });
});

describe('a poisoned message', () => {
  const poisons: [string, unknown, string, RegExp][] = [
    ['no JSON', 'hello', 'not_json', /JSON/],
    ['an empty body', '', 'not_json', /JSON/],
    ['JSON that is no event', { hello: 1 }, 'bad_envelope', /eventId/],
    ['an event with other data', envelope('one', { data: { name: 7 } }), 'bad_data', /expected string/],
    [
      'an event of an unknown type',
      envelope('one', { eventType: 'thing.odd' }),
      'unknown_event',
      /thing\.odd/,
    ],
  ];

  test.each(poisons)(
    '%s becomes a dead letter at once, with the reason',
    async (_name, body, reason, problem) => {
      let calls = 0;
      await reader(async () => (calls += 1)).start();
      await publish(body);
      const dead = await nextDead();
      expect(dead.properties.headers).toMatchObject({
        'x-dead-reason': reason,
        'x-dead-problem': expect.stringMatching(problem),
        'x-retries': 0,
      });
      expect(dead.content.toString()).toBe(typeof body === 'string' ? body : JSON.stringify(body));
      expect(calls).toBe(0);
    },
  );

  test('does not block later messages', async () => {
    const got: string[] = [];
    const handle = async ({ data }: NameEvent) => {
      if (data.name === 'poison') throw new Error('always');
      got.push(data.name);
    };
    await reader(handle, { prefetch: 1 }).start();
    for (const [, body] of poisons) await publish(body);
    await publish(envelope('poison'));
    await publish(envelope('good'));
    await eventually(() => expect(got).toEqual(['good']));
    await eventually(async () => expect(await depth(deadLetterQueue(queue))).toBe(poisons.length + 1));
  });

  test('with headers too long for another frame is dead-lettered by the broker', async () => {
    await reader(async () => Promise.reject(new Error('always')), { retryAfterMs: [] }).start();
    await publish(envelope('one'), { headers: { large: 'x'.repeat(64_500) } });
    const dead = await nextDead();
    expect(dead.properties.headers).toMatchObject({ 'x-first-death-reason': 'rejected' });
  });
});

describe('an outage of the service’s own dependency', () => {
  class Away extends Error {}
  const dependencyErrors = { 'The database': (error: unknown) => error instanceof Away };

  test('makes the event wait without using up attempts', async () => {
    let calls = 0;
    const attempts = new Set<number>();
    const handle = async (_event: NameEvent, { attempt }: HandlerContext) => {
      attempts.add(attempt);
      if ((calls += 1) <= 3) throw new Away();
    };
    const service = await reader(handle, { retryAfterMs: [] }, { dependencyErrors }).start();
    await publish(envelope('one'));
    await eventually(() => expect(calls).toBe(4));
    expect([...attempts]).toEqual([1]);
    await eventually(async () => expect(await depth(queue)).toBe(0));
    expect(await depth(deadLetterQueue(queue))).toBe(0);
    expect(service.log).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'message_waits_for_dependency' }),
    );
  });

  test('does not keep a service from stopping, and the next one receives the event again', async () => {
    let calls = 0;
    const away = async () => {
      calls += 1;
      throw new Away();
    };
    const first = await reader(away, {}, { dependencyErrors }).start();
    await publish(envelope('one'));
    await eventually(() => expect(calls).toBeGreaterThan(0));
    expect(await first.stop()).toBe(true);
    const got: string[] = [];
    await reader(async ({ data }) => got.push(data.name)).start();
    await eventually(() => expect(got).toEqual(['one']));
  });
});

describe('a service', () => {
  test('consumes only when it is ready', async () => {
    let calls = 0;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const service = reader(async () => (calls += 1));
    service.chassis.lifecycle.add({ name: 'late', start: () => late });
    const started = service.start();
    await eventually(() =>
      expect(service.log).toContainEqual({ level: 'info', event: 'rabbitmq_connected' }),
    );
    await publish(envelope('one'));
    await eventually(async () => expect(await depth(queue)).toBe(1));
    expect(calls).toBe(0);
    resolve();
    await started;
    await eventually(() => expect(calls).toBe(1));
  });

  test('that stops waits for its handlers and accepts no more messages', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const got: string[] = [];
    const handle = async ({ data }: NameEvent) => {
      if (data.name === 'first') await release;
      got.push(data.name);
    };
    const service = reader(handle, { prefetch: 1 });
    const beginsToSettle = async () => void setImmediate(() => resolve());
    service.chassis.lifecycle.add({ name: 'the one to settle before', onStopped: beginsToSettle });
    await service.start();
    await publish(envelope('first'));
    await publish(envelope('second'));
    await eventually(async () => expect(await depth(queue)).toBe(1));
    expect(await service.stop()).toBe(true);
    expect(got).toEqual(['first']);
    await eventually(async () => expect(await depth(queue)).toBe(1));
  });

  test('is ready while it consumes, and its health lists the consumers', async () => {
    const service = await reader(async () => undefined).start();
    await eventually(async () =>
      expect(await service.chassis.health.report()).toMatchObject({
        status: 'healthy',
        checks: { externalServices: { consumers: { consuming: 1, declared: 1 }, rabbitmq: {} } },
      }),
    );
    expect(await service.chassis.health.ready()).toEqual({ ready: true, reasons: [] });
  });
});
