import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startRabbit,
  testMongo,
  testRabbit,
  startFaultProxy,
  type FaultProxy,
} from '@plaza/local-stack/testing';
import {
  deadLetterQueue,
  on,
  retryQueue,
  type Broker,
  type BrokerOptions,
  type HandleEvent,
} from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { createManagementApi } from './management-api.ts';
import { createTestService } from './test-service.ts';
import { createTestAggregates, namedEvent, type TestAggregates } from './fixtures.ts';

let rabbit: Awaited<ReturnType<typeof testRabbit>>;
let management: ReturnType<typeof createManagementApi>;
let connection: amqp.ChannelModel;
let proxy: FaultProxy;
let things: TestAggregates;
let exchange: string;
let queue: string;
let count = 0;

beforeAll(async () => {
  rabbit = await testRabbit();
  management = createManagementApi(rabbit.management);
  connection = await amqp.connect(rabbit.url);
  proxy = await startFaultProxy(rabbit.url);
  things = await createTestAggregates((await testMongo()).uri, 'things');
}, 120_000);

beforeEach(() => {
  exchange = `e${(count += 1)}_events`;
  queue = `mirror.${exchange}`;
});

afterAll(async () => {
  await connection.close();
  await proxy.close();
  await things.close();
});

const nameData = z.object({ name: z.string() });

/** A service that consumes its own events. */
async function mirror(
  url: string,
  handle: HandleEvent<{ name: string }>,
  options: Partial<BrokerOptions> = {},
) {
  const events = { 'thing.named': on(nameData, handle) };
  const declare = (broker: Broker) => {
    broker.relay(things.outbox, { exchange });
    broker.consume({ exchange, events, retryAfterMs: [100] });
  };
  const service = createTestService('mirror', url, declare, options);
  await service.start();
  return service;
}

let ids = 0;
async function commit(name: string) {
  await things.outbox.insert(`t${(ids += 1)}`, {}, [namedEvent('thing.named', name)]);
}

/** Uses a channel that the work may close. */
async function channelTo<T>(work: (channel: amqp.Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const result = await work(channel);
  await channel.close();
  return result;
}

/** Resolves when the queue has a consumer: the topology is declared before. */
const consumes = () =>
  eventually(async () =>
    expect(await channelTo((channel) => channel.checkQueue(queue))).toMatchObject({ consumerCount: 1 }),
  );

describe('a connection', () => {
  test('that is closed from the management page is opened again, for publishing and for consuming', async () => {
    const got: string[] = [];
    const service = await mirror(rabbit.url, async ({ data }) => got.push(data.name));
    await commit('before');
    await eventually(() => expect(got).toEqual(['before']));
    await eventually(() => management.closeConnectionsOf('mirror', rabbit.vhost), 20_000);
    await eventually(() => expect(service.log).toContainEqual({ level: 'info', event: 'rabbitmq_restored' }));
    await commit('after');
    await eventually(() => expect(got).toEqual(['before', 'after']));
    expect(await service.chassis.health.ready()).toEqual({ ready: true, reasons: [] });
  });

  test('that breaks during a handler leads to a second delivery of the event', async () => {
    const got: string[] = [];
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const service = await mirror(proxy.url, async ({ data }) => {
      got.push(data.name);
      await release;
    });
    await commit('one');
    await eventually(() => expect(got).toEqual(['one']));
    proxy.disconnectAll();
    await eventually(() => expect(service.log).toContainEqual({ level: 'info', event: 'rabbitmq_restored' }));
    resolve();
    await eventually(() => expect(got).toEqual(['one', 'one']));
    await eventually(async () =>
      expect(await channelTo((channel) => channel.checkQueue(queue))).toMatchObject({ messageCount: 0 }),
    );
    expect(service.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('that is not possible at first keeps the service not ready until it is', async () => {
    await proxy.refuseConnections();
    const service = createTestService('patient', proxy.url, (broker) => void broker.publisher(exchange));
    const started = service.start();
    await eventually(() =>
      expect(service.log).toContainEqual(expect.objectContaining({ event: 'rabbitmq_waiting' })),
    );
    expect(await service.chassis.health.ready()).toEqual({ ready: false, reasons: ['starting'] });
    await proxy.acceptConnections();
    await started;
    expect(await service.chassis.health.ready()).toEqual({ ready: true, reasons: [] });
  });

  test('that is not possible for a while does not keep the service from being ready, and committed events follow', async () => {
    const got: string[] = [];
    const timing = { startTimeoutMs: 50 };
    await proxy.refuseConnections();
    const service = await mirror(proxy.url, async ({ data }) => got.push(data.name), { timing });
    expect(await service.chassis.health.ready()).toEqual({ ready: true, reasons: [] });
    await commit('one');
    await proxy.acceptConnections();
    await eventually(() => expect(got).toEqual(['one']));
  });

  test('that is away makes the service unhealthy, and leaves it ready', async () => {
    const service = await mirror(proxy.url, async () => undefined);
    await proxy.refuseConnections();
    await eventually(async () =>
      expect(await service.chassis.health.report()).toMatchObject({
        status: 'unhealthy',
        checks: { externalServices: { rabbitmq: { error: expect.stringContaining('not connected') } } },
      }),
    );
    expect(await service.chassis.health.ready()).toEqual({ ready: true, reasons: [] });
    await proxy.acceptConnections();
    await eventually(async () => expect((await service.chassis.health.report()).status).toBe('healthy'));
  });

  test('that is never possible does not keep a service from stopping', async () => {
    await proxy.refuseConnections();
    const service = createTestService('patient', proxy.url, (broker) => void broker.publisher(exchange));
    const started = service.start();
    await eventually(() => expect(service.log).not.toEqual([]));
    expect(await service.stop()).toBe(true);
    await started;
    await proxy.acceptConnections();
  });
});

describe('a broker that does not answer', () => {
  test('does not keep a service from stopping in time', async () => {
    const service = await mirror(proxy.url, async () => undefined);
    proxy.stall();
    expect(await service.stop()).toBe(true);
    proxy.resume();
  });
});

describe('a channel', () => {
  test('closed by publishing to a deleted exchange is opened again, and the exchange declared again', async () => {
    const got: string[] = [];
    await mirror(rabbit.url, async ({ data }) => got.push(data.name));
    await channelTo((channel) => channel.deleteExchange(exchange));
    await commit('into the void');
    await eventually(() => channelTo((channel) => channel.checkExchange(exchange)));
    await channelTo((channel) => channel.bindQueue(queue, exchange, 'thing.named'));
    await commit('again');
    await eventually(() => expect(got).toContain('again'));
  });

  test('whose queue is deleted consumes from a new one', async () => {
    const got: string[] = [];
    const service = await mirror(rabbit.url, async ({ data }) => got.push(data.name));
    await consumes();
    await channelTo((channel) => channel.deleteQueue(queue));
    await consumes();
    await commit('one');
    await eventually(() => expect(got).toEqual(['one']));
    expect(service.log).toContainEqual(
      expect.objectContaining({ reason: 'the broker cancelled the consumer' }),
    );
  });

  test('makes a service not ready while its queue is unusable, though the broker is there', async () => {
    const service = await mirror(rabbit.url, async () => undefined);
    await consumes();
    await channelTo(async (channel) => {
      await channel.deleteQueue(deadLetterQueue(queue));
      await channel.assertQueue(deadLetterQueue(queue), { durable: true });
      await channel.deleteQueue(queue);
    });
    await eventually(async () =>
      expect(await service.chassis.health.ready()).toEqual({
        ready: false,
        reasons: [expect.stringContaining(`The queue ${deadLetterQueue(queue)} has x-queue-type`)],
      }),
    );
    await channelTo((channel) => channel.deleteQueue(deadLetterQueue(queue)));
    await eventually(async () => expect((await service.chassis.health.ready()).ready).toBe(true));
  });

  test('declares a deleted retry queue again instead of losing the event', async () => {
    const attempts: number[] = [];
    await mirror(rabbit.url, async (_event, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('not yet');
    });
    await consumes();
    await channelTo((channel) => channel.deleteQueue(retryQueue(queue, 100)));
    await commit('one');
    await eventually(() => expect(attempts).toEqual([1, 2]));
  });
});

test('a restart of the broker loses no committed event', async () => {
  const server = await startRabbit();
  const got: string[] = [];
  await mirror(server.url, async ({ data }) => got.push(data.name));
  const all: string[] = [];
  const commitSome = async (phase: string) => {
    for (let number = 0; number < 40; number += 1) {
      all.push(`${phase} ${number}`);
      await commit(`${phase} ${number}`);
    }
  };
  await commitSome('before');
  const stopping = server.stop();
  await commitSome('stopping');
  await stopping;
  await commitSome('away');
  const starting = server.start();
  await commitSome('starting');
  await starting;
  await commitSome('after');
  await eventually(() => expect(new Set(got)).toEqual(new Set(all)), 30_000);
  await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
}, 120_000);
