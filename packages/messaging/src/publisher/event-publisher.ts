import type { Logger } from '@plaza/service-kit';
import { toAmqpMessage, type Envelope } from '../envelope.ts';
import type { MessagingMetrics } from '../metrics.ts';
import type { Publisher } from './publisher.ts';
import { eventUnroutable } from '../messaging.log-events.ts';

/** Publishes events and counts the outcomes. */
export interface EventPublisher {
  /**
   * Resolves when the broker has confirmed the event, also if no queue is bound for it: that is not an error of the
   * publisher, and is counted (`messaging_returned_total`).
   * @throws {BrokerUnavailable} if it is not certain that the event has arrived.
   */
  publish(exchange: string, envelope: Envelope, traceparent?: string): Promise<void>;
  ready(): boolean;
}

export interface EventPublisherOptions {
  readonly publisher: Publisher;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
}

export function createEventPublisher({ publisher, metrics, logger }: EventPublisherOptions): EventPublisher {
  const loggedTypes = new Set<string>();

  /**
   * The event types already logged as unroutable: one line per type, because a service may start long before its
   * consumers.
   */
  function countUnrouted(labels: { exchange: string; event_type: string }) {
    metrics.returned.inc(labels);
    const type = `${labels.exchange} ${labels.event_type}`;
    if (!loggedTypes.has(type)) logger.info(eventUnroutable, labels);
    loggedTypes.add(type);
  }

  return {
    publish: async (exchange, envelope, traceparent) => {
      const labels = { exchange, event_type: envelope.eventType };
      metrics.published.inc(labels);
      try {
        const routing = await publisher.publish(toAmqpMessage(exchange, envelope, traceparent));
        metrics.confirmed.inc(labels);
        if (routing === 'unrouted') countUnrouted(labels);
      } catch (error) {
        metrics.unconfirmed.inc(labels);
        throw error;
      }
    },
    ready: publisher.ready,
  };
}
