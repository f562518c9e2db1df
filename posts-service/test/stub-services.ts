import { createBroker, on, type Envelope } from '@plaza/messaging';
import { baseConfig, createChassis, readConfig } from '@plaza/service-kit';
import { z } from 'zod';
import { recordingLogger } from './fixture.ts';

/** The users and orders services as the broker shows them: what they publish, and what they hear of posts. */
export async function startStubServices(url: string) {
  const config = readConfig(z.object(baseConfig(0, 'stub-services')), { DRAIN_MS: '0' });
  const chassis = createChassis(config, recordingLogger().logger);
  const broker = createBroker({ url, service: chassis });
  const publishUser = broker.publisher('user_events');
  const publishOrder = broker.publisher('order_events');
  let usersTold = 0;
  const heard: Envelope[] = [];
  broker.consume({
    exchange: 'post_events',
    events: { '#': on(z.unknown(), async (event) => void heard.push(event)) },
  });
  await chassis.lifecycle.start();

  const about = (orderId: string) => heard.filter(({ aggregateId }) => aggregateId === orderId);
  return {
    heard,
    /** What the posts service told about an aggregate, in order. */
    eventTypesOf: (aggregateId: string) => about(aggregateId).map(({ eventType }) => eventType),
    lastEventOf: (aggregateId: string) => about(aggregateId).at(-1),
    /** How many events of users went out. */
    usersTold: () => usersTold,
    publishUserEvent: (
      event: 'created' | 'updated' | 'deleted',
      userId: string,
      seq: number,
      name = userId,
    ) => {
      usersTold += 1;
      return publishUser(
        `user.${event}`,
        event === 'deleted' ? { userId } : { userId, username: userId, name, email: `${userId}@example.com` },
        { aggregateId: userId, seq },
      );
    },
    publishOrderEvent: (
      event: 'created' | 'confirmed' | 'rejected' | 'cancelled',
      orderId: string,
      items?: readonly { readonly postId: string; readonly quantity: number }[],
    ) =>
      publishOrder(
        `order.${event}`,
        { orderId, userId: 'buyer', ...(items === undefined ? { reason: 'because' } : { items }) },
        { aggregateId: orderId, seq: SEQ[event] },
      ),
    stop: () => chassis.lifecycle.stop(async () => undefined),
  };
}

export type StubServices = Awaited<ReturnType<typeof startStubServices>>;

const SEQ = { created: 1, confirmed: 2, rejected: 2, cancelled: 3 } as const;
