import { beforeAll, describe, expect, test } from '@jest/globals';
import { testRabbit } from '@plaza/local-stack/testing';
import { on, InvalidTopology, TopologyMismatch, type Broker } from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { createTestService } from './test-service.ts';

const anything = on(z.unknown(), async () => undefined);

describe('a topology', () => {
  const declaring = (declare: (broker: Broker) => void) => () =>
    createTestService('a-service', 'amqp://127.0.0.1', declare);

  test.each([
    ['an exchange without a name', (broker: Broker) => void broker.publisher('')],
    ['a name of the broker', (broker: Broker) => void broker.publisher('amq.topic')],
    ['a consumer of no event', (broker: Broker) => broker.consume({ exchange: 'x', events: {} })],
    [
      'a delay of 0 ms',
      (broker: Broker) => broker.consume({ exchange: 'x', events: { a: anything }, retryAfterMs: [0] }),
    ],
    [
      'the same delay twice',
      (broker: Broker) => broker.consume({ exchange: 'x', events: { a: anything }, retryAfterMs: [9, 9] }),
    ],
    [
      'two consumers of one queue',
      (broker: Broker) => {
        broker.consume({ exchange: 'x', events: { a: anything } });
        broker.consume({ exchange: 'x', events: { b: anything } });
      },
    ],
  ])('is rejected at its declaration: %s', (_name, declare) => {
    expect(declaring(declare)).toThrow(InvalidTopology);
  });

  test('is one object with all published and consumed exchanges', () => {
    const { broker } = createTestService('a-service', 'amqp://127.0.0.1', (broker) => {
      broker.publisher('a_events');
      broker.publisher('a_events');
      broker.consume({ exchange: 'b_events', events: { 'b.made': anything, 'b.gone': anything } });
    });
    expect(broker.topology()).toEqual({
      publishes: ['a_events'],
      consumes: [
        {
          queue: 'a-service.b_events',
          exchange: 'b_events',
          keys: ['b.made', 'b.gone'],
          retryAfterMs: [1000, 5000, 30_000],
        },
      ],
    });
  });
});

describe('on the broker', () => {
  let rabbit: Awaited<ReturnType<typeof testRabbit>>;
  beforeAll(async () => {
    rabbit = await testRabbit();
  }, 120_000);

  const listed = z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      durable: z.boolean(),
      arguments: z.record(z.string(), z.unknown()),
    }),
  );

  async function list(kind: 'queues' | 'exchanges') {
    const { url, user, password } = rabbit.management;
    const response = await fetch(`${url}/api/${kind}/${encodeURIComponent(rabbit.vhost)}`, {
      headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
    });
    return listed.parse(await response.json());
  }

  async function declare(work: (channel: amqp.Channel) => Promise<unknown>) {
    const connection = await amqp.connect(rabbit.url);
    await work(await connection.createChannel());
    await connection.close();
  }

  test('a start declares the exchange, the queue, its retry queues and its dead-letter queue, all durable', async () => {
    const service = createTestService('first', rabbit.url, (broker) =>
      broker.consume({ exchange: 'first_events', events: { a: anything }, retryAfterMs: [1000, 250] }),
    );
    await service.start();

    expect(await list('exchanges')).toContainEqual(
      expect.objectContaining({ name: 'first_events', type: 'topic', durable: true }),
    );
    const queues = (await list('queues')).filter(({ name }) => name.startsWith('first.'));
    expect(queues.map(({ name }) => name).sort()).toEqual([
      'first.first_events',
      'first.first_events.dead',
      'first.first_events.retry.1s',
      'first.first_events.retry.250ms',
    ]);
    expect(queues.every(({ type, durable }) => type === 'quorum' && durable)).toBe(true);
    expect(queues.find(({ name }) => name.endsWith('250ms'))?.arguments).toMatchObject({
      'x-message-ttl': 250,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'first.first_events',
      'x-dead-letter-strategy': 'at-least-once',
    });
  });

  test('a second start accepts the topology of the first', async () => {
    const declareIt = (broker: Broker) =>
      broker.consume({ exchange: 'twice_events', events: { a: anything } });
    await createTestService('twice', rabbit.url, declareIt).start();
    await expect(createTestService('twice', rabbit.url, declareIt).start()).resolves.toBeDefined();
  });

  test('other retry delays are no mismatch', async () => {
    const declareIt = (delay: number) => (broker: Broker) =>
      broker.consume({ exchange: 'delay_events', events: { a: anything }, retryAfterMs: [delay] });
    await createTestService('delay', rabbit.url, declareIt(1000)).start();
    await expect(createTestService('delay', rabbit.url, declareIt(2000)).start()).resolves.toBeDefined();
  });

  test('a difference stops the start, with a sentence for each', async () => {
    await declare(async (channel) => {
      await channel.assertExchange('odd_events', 'fanout', { durable: true });
      await channel.assertQueue('odd.even_events', {
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 7 },
      });
      await channel.assertQueue('odd.even_events.dead', { durable: true });
    });
    const service = createTestService('odd', rabbit.url, (broker) => {
      broker.publisher('odd_events');
      broker.consume({ exchange: 'even_events', events: { a: anything } });
    });
    const failure: unknown = await service.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TopologyMismatch);
    expect(failure).toMatchObject({
      exitCode: 78,
      differences: [
        "The exchange odd_events has type 'fanout' on the broker and 'topic' in this service.",
        expect.stringMatching(
          /^The queue odd\.even_events\.dead has x-queue-type (unset|'classic') on the broker and 'quorum' in this service\.$/,
        ),
        "The queue odd.even_events has x-dead-letter-exchange unset on the broker and '' in this service.",
      ],
    });
  });

  test('the service does not reconnect after a mismatch', async () => {
    await declare((channel) => channel.assertExchange('still_events', 'direct', { durable: true }));
    const service = createTestService('still', rabbit.url, (broker) => void broker.publisher('still_events'));
    await service.start().catch(() => undefined);
    expect((await service.chassis.health.report()).checks['externalServices']).toMatchObject({
      rabbitmq: { status: 'unhealthy', error: expect.stringContaining("has type 'direct' on the broker") },
    });
  });

  test('a declaration after the start is rejected', async () => {
    const service = createTestService('late', rabbit.url);
    await service.start();
    expect(() => service.broker.publisher('late_events')).toThrow('before the service starts');
  });
});
