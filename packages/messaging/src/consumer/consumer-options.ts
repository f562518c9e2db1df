import type { ConsumedQueue } from '../topology/topology.ts';
import type { EventConsumer, DurationMs } from './event-consumer.ts';

/** A consumer's options with all defaults applied. */
export interface ConsumerOptions {
  readonly queueTopology: ConsumedQueue;
  readonly events: EventConsumer['events'];
  readonly prefetch: number;
  readonly deadlineMs: DurationMs;
}

const RETRY_AFTER_MS = [1_000, 5_000, 30_000];

export function toConsumerOptions(consumer: EventConsumer, service: string): ConsumerOptions {
  const { exchange, events, queue = `${service}.${exchange}`, retryAfterMs = RETRY_AFTER_MS } = consumer;
  const { prefetch = 20, deadlineMs = 10_000 } = consumer;
  const queueTopology = { queue, exchange, keys: Object.keys(events), retryAfterMs: [...retryAfterMs] };
  return { queueTopology, events, prefetch, deadlineMs };
}
