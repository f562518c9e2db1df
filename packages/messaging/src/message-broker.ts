import { z } from 'zod';
import type { Broker } from './broker.ts';
import { on, type EventConsumer, type HandleEvent } from './consumer/event-consumer.ts';
import type { PublishEvent } from './publisher/direct-publisher.ts';

/** Reads every event of an exchange, whatever its type; declared before the service starts. */
export type SubscribeToEvents = (
  handle: HandleEvent<unknown>,
  policy?: Omit<EventConsumer, 'exchange' | 'events'>,
) => void;

/**
 * The course's MessageBroker: for each name, say `User`, a `publishUserEvent` and a `subscribeToUserEvents`.
 * Publishing so is for what needs no outbox: a crash between the change and the call loses the event.
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

/** The compiler cannot follow names that are put together at run time: this checks what it is told. */
function isComplete<Name extends string>(
  face: object,
  names: readonly string[],
): face is MessageBroker<Name> {
  return names.every((name) => `publish${name}Event` in face && `subscribeTo${name}Events` in face);
}
