import type { Logger } from '@plaza/service-kit';
import { toAmqpMessage, type Envelope } from '../envelope.ts';
import type { MessagingMetrics } from '../metrics.ts';
import type { Publisher } from './publisher.ts';

/** Sends events and counts what becomes of them. */
export interface EventPublisher {
  /**
   * Resolves when the broker has confirmed the event; also where no queue is bound for it. Nobody listens
   * then, which is no failure of the publisher's: it is counted (`messaging_returned_total`).
   * @throws {BrokerUnavailable} where it is not known to have arrived.
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

  /** Once a type: a service whose readers are not there yet would fill its log. */
  function countUnrouted(labels: { exchange: string; event_type: string }) {
    metrics.returned.inc(labels);
    const type = `${labels.exchange} ${labels.event_type}`;
    if (!loggedTypes.has(type)) logger.info('nobody listens to an event', labels);
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
