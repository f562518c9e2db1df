import { Counter, Histogram, type Registry } from 'prom-client';

/** Bucket bounds in seconds: from a local commit-to-handler time to the end of the longest retry delays. */
const LAG_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const HANDLER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type MessagingMetrics = ReturnType<typeof createMessagingMetrics>;

export function createMessagingMetrics(registry: Registry) {
  const registers = [registry];
  const event = ['exchange', 'event_type'] as const;
  const queue = ['queue', 'event_type'] as const;
  return {
    published: new Counter({
      name: 'messaging_published_total',
      help: 'Events sent to the broker, repeats included',
      labelNames: event,
      registers,
    }),
    confirmed: new Counter({
      name: 'messaging_confirmed_total',
      help: 'Events that the broker has confirmed',
      labelNames: event,
      registers,
    }),
    returned: new Counter({
      name: 'messaging_returned_total',
      help: 'Events that no queue was bound for',
      labelNames: event,
      registers,
    }),
    unconfirmed: new Counter({
      name: 'messaging_unconfirmed_total',
      help: 'Events refused, lost with a channel or not confirmed in time; those of an outbox are sent again',
      labelNames: event,
      registers,
    }),
    consumed: new Counter({
      name: 'messaging_consumed_total',
      help: 'Messages taken from a queue, by outcome: handled, retried, dead, unsendable (the broker dead-letters it), abandoned (it is delivered again)',
      labelNames: [...queue, 'outcome'] as const,
      registers,
    }),
    handlerDuration: new Histogram({
      name: 'messaging_handler_duration_seconds',
      help: 'Seconds that a handler took, successful or not',
      labelNames: queue,
      buckets: HANDLER_BUCKETS,
      registers,
    }),
    lag: new Histogram({
      name: 'messaging_lag_seconds',
      help: 'Seconds from the commit of an event to the end of its handler',
      labelNames: queue,
      buckets: LAG_BUCKETS,
      registers,
    }),
    retries: new Counter({
      name: 'messaging_retries_total',
      help: 'Messages copied to a retry queue',
      labelNames: queue,
      registers,
    }),
    deadLetters: new Counter({
      name: 'messaging_dead_letters_total',
      help: 'Messages copied to a dead-letter queue, by reason',
      labelNames: ['queue', 'reason'] as const,
      registers,
    }),
  };
}
