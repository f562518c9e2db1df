import type { ConsumedQueue } from '../topology/topology.ts';
import type { Consumer, Milliseconds } from './consumer.ts';

/** A consumer with all that it leaves open decided. */
export interface ConsumerSettings {
  readonly declared: ConsumedQueue;
  readonly events: Consumer['events'];
  readonly prefetch: number;
  readonly deadlineMs: Milliseconds;
}

const RETRY_AFTER_MS = [1_000, 5_000, 30_000];

export function settingsOf(consumer: Consumer, service: string): ConsumerSettings {
  const { exchange, events, queue = `${service}.${exchange}`, retryAfterMs = RETRY_AFTER_MS } = consumer;
  const { prefetch = 20, deadlineMs = 10_000 } = consumer;
  const declared = { queue, exchange, keys: Object.keys(events), retryAfterMs: [...retryAfterMs] };
  return { declared, events, prefetch, deadlineMs };
}
