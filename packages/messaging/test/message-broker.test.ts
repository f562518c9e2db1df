import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRabbit, startFaultProxy, type FaultProxy } from '@plaza/local-stack/testing';
import { withContext } from '@plaza/service-kit';
import {
  BrokerUnavailable,
  createMessageBroker,
  on,
  deliverTestEvent,
  type EventConsumer,
  type Envelope,
} from '@plaza/messaging';
import amqp from 'amqplib';
import { z } from 'zod';
import { createTestService } from './test-service.ts';

const EXCHANGES = { User: 'user_events', Post: 'post_events' };

let url: string;
let proxy: FaultProxy;
beforeAll(async () => {
  ({ url } = await testRabbit());
  proxy = await startFaultProxy(url);
}, 120_000);
afterAll(() => proxy.close());

describe('the course’s MessageBroker', () => {
  test('has a method to publish and a method to subscribe for each name', async () => {
    const got: Envelope[] = [];
    const service = createTestService('talker', proxy.url);
    const messages = createMessageBroker(service.broker, EXCHANGES);
    messages.subscribeToUserEvents(async (event) => got.push(event));
    messages.subscribeToPostEvents(async (event) => got.push(event));
    await service.start();
    await messages.publishUserEvent('user.created', { userId: '1' });
    await messages.publishPostEvent('post.created', { postId: '2' }, { aggregateId: '2', seq: 7 });
    await eventually(() => expect(got).toHaveLength(2));
    expect(got.find(({ eventType }) => eventType === 'user.created')).toEqual({
      eventId: expect.any(String),
      eventType: 'user.created',
      timestamp: expect.any(String),
      aggregateId: expect.any(String),
      seq: 0,
      source: 'talker',
      correlationId: expect.any(String),
      schemaVersion: 1,
      data: { userId: '1' },
    });
    expect(got.find(({ eventType }) => eventType === 'post.created')).toMatchObject({
      aggregateId: '2',
      seq: 7,
    });
  });

  test('publishes with the id of the current request', async () => {
    const got: Envelope[] = [];
    const service = createTestService('tracer', proxy.url);
    const messages = createMessageBroker(service.broker, EXCHANGES);
    messages.subscribeToUserEvents(async (event) => got.push(event));
    await service.start();
    await withContext({ requestId: 'request-1' }, () => messages.publishUserEvent('user.updated', {}));
    await eventually(() => expect(got).toEqual([expect.objectContaining({ correlationId: 'request-1' })]));
  });

  test('rejects while the broker is away, because there is no outbox', async () => {
    const service = createTestService('offline', proxy.url);
    const { publishUserEvent } = createMessageBroker(service.broker, EXCHANGES);
    await service.start();
    await publishUserEvent('user.created', {});
    await proxy.refuseConnections();
    await eventually(() =>
      expect(publishUserEvent('user.created', {})).rejects.toMatchObject({
        code: 'broker_unavailable',
        kind: 'unavailable',
      }),
    );
    await proxy.acceptConnections();
    await eventually(() => publishUserEvent('user.created', {}));
  });

  test('rejects unconfirmed messages when the connection breaks', async () => {
    const service = createTestService('cut', proxy.url);
    const { publishUserEvent } = createMessageBroker(service.broker, EXCHANGES);
    await service.start();
    await publishUserEvent('user.created', {});
    proxy.stall();
    const sent = publishUserEvent('user.created', {});
    proxy.disconnectAll();
    await expect(sent).rejects.toBeInstanceOf(BrokerUnavailable);
    proxy.resume();
  });

  test('sends at most 1,000 unconfirmed messages, and the others later', async () => {
    const timing = { confirmTimeoutMs: 20_000 };
    const service = createTestService('flood', proxy.url, undefined, { timing });
    const { publishPostEvent } = createMessageBroker(service.broker, EXCHANGES);
    await service.start();
    const connection = await amqp.connect(url);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGES.Post, 'post.flood');
    const arrived = async () => (await channel.checkQueue(queue)).messageCount;

    proxy.stall();
    const sent = Promise.all(Array.from({ length: 2_500 }, () => publishPostEvent('post.flood', {})));
    await eventually(async () => expect(await arrived()).toBe(1_000));
    proxy.resume();
    await sent;
    expect(await arrived()).toBe(2_500);
    await connection.close();
  });
});

describe('a consumer without a broker', () => {
  const got: unknown[] = [];
  const consumer: EventConsumer = {
    exchange: 'user_events',
    events: { 'user.created': on(z.object({ userId: z.string() }), async ({ data }) => got.push(data)) },
  };
  const body = {
    eventId: 'e1',
    eventType: 'user.created',
    timestamp: '2026-01-01T00:00:00.000Z',
    aggregateId: 'u1',
    seq: 1,
    source: 'users-service',
    correlationId: 'c1',
    schemaVersion: 1,
    data: { userId: 'u1', more: true },
  };

  test('handles a body as if the broker had delivered it', async () => {
    await deliverTestEvent(consumer, body);
    expect(got).toEqual([{ userId: 'u1' }]);
  });

  test.each([
    ['other data', { ...body, data: {} }, 'bad_data: '],
    ['another event', { ...body, eventType: 'user.odd' }, 'unknown_event: '],
    ['no event', {}, 'bad_envelope: '],
  ])('rejects %s with the reason', async (_name, wrong, words) => {
    await expect(deliverTestEvent(consumer, wrong)).rejects.toThrow(words);
  });
});
