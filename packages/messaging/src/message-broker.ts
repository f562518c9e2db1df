import { z } from 'zod';
import type { Broker } from './broker.ts';
import { on, type EventConsumer, type HandleEvent } from './consumer/event-consumer.ts';
import type { PublishEvent } from './publisher/direct-publisher.ts';

/** Consumes every event of an exchange, of any type. Must be called before the service starts. */
export type SubscribeToEvents = (
  handle: HandleEvent<unknown>,
  policy?: Omit<EventConsumer, 'exchange' | 'events'>,
) => void;

/**
 * The course's MessageBroker: for each name, such as `User`, a `publishUserEvent` and a `subscribeToUserEvents`. It
 * has no outbox: a crash between the change and the call loses the event.
 */
export type MessageBroker<Name extends string> = {
  readonly [Each in Name as `publish${Each}Event`]: PublishEvent;
} & {
  readonly [Each in Name as `subscribeTo${Each}Events`]: SubscribeToEvents;
};

/** `createMessageBroker(broker, { User: 'user_events' }).publishUserEvent('user.created', { … })` */
export function createMessageBroker<Name extends string>(
  broker: Broker,
  exchanges: Readonly<Record<Name, string>>,
): MessageBroker<Name> {
  const names: readonly string[] = Object.keys(exchanges);
  const face: object = Object.assign(
    {},
    ...Object.entries<string>(exchanges).map(([name, exchange]) => ({
      [`publish${name}Event`]: broker.publisher(exchange),
      [`subscribeTo${name}Events`]: createSubscriber(broker, exchange),
    })),
  );
  if (!isComplete<Name>(face, names)) throw new Error(`A name is missing of ${names.join(', ')}.`);
  return face;
}

function createSubscriber(broker: Broker, exchange: string): SubscribeToEvents {
  return (handle, policy = {}) =>
    broker.consume({ ...policy, exchange, events: { '#': on(z.unknown(), handle) } });
}

/** The compiler cannot type names that are built at run time; this checks that they exist. */
function isComplete<Name extends string>(
  face: object,
  names: readonly string[],
): face is MessageBroker<Name> {
  return names.every((name) => `publish${name}Event` in face && `subscribeTo${name}Events` in face);
}
