import { currentContext } from '@plaza/service-kit';
import type { EventPublisher } from './event-publisher.ts';

export interface PublishEventOptions {
  /** The aggregate that changed. Default: the event's own id. */
  readonly aggregateId?: string;
  /** The event's number within the aggregate. Default 0: unknown. */
  readonly seq?: number;
}

/**
 * Publishes one event and resolves when the broker has confirmed it.
 * @throws {BrokerUnavailable} if it has not; there is no further attempt.
 */
export type PublishEvent = (eventType: string, data: object, options?: PublishEventOptions) => Promise<void>;

export interface DirectPublisherOptions {
  readonly exchange: string;
  readonly source: string;
  readonly events: EventPublisher;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function createDirectPublisher(options: DirectPublisherOptions): PublishEvent {
  const { exchange, source, events, now, newId } = options;
  return async (eventType, data, { aggregateId, seq = 0 } = {}) => {
    const eventId = newId();
    const request = currentContext();
    const envelope = {
      eventId,
      eventType,
      timestamp: now().toISOString(),
      aggregateId: aggregateId ?? eventId,
      seq,
      source,
      correlationId: request?.requestId ?? newId(),
      ...(request?.causationId === undefined ? {} : { causationId: request.causationId }),
      schemaVersion: 1,
      data,
    };
    await events.publish(exchange, envelope, request?.traceparent);
  };
}
