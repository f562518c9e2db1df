import { z } from 'zod';
import { parseConsumerArguments, parseRetryQueue } from '../topology/retry-queues.ts';
import type { ListedConsumer, ListedQueue } from './management-api.ts';

/**
 * `current`: a running consumer uses it; `stale`: no running consumer uses it, and it is empty; `kept`: it is not
 * certain that it can go.
 */
export type RetryQueueStatus =
  | { readonly name: string; readonly kind: 'current' | 'stale' }
  | { readonly name: string; readonly kind: 'kept'; readonly reason: string };

/** The status of each retry queue that Plaza declared, by name. */
export function auditRetryQueues(
  queues: readonly ListedQueue[],
  consumers: readonly ListedConsumer[],
): RetryQueueStatus[] {
  const names = new Set(queues.map(({ name }) => name));
  const consumersByQueue = Map.groupBy(consumers, ({ queue }) => queue);
  return queues
    .flatMap((retryQueue) => {
      const source = sourceQueue(retryQueue);
      if (source === undefined) return [];
      const usedBy = consumersByQueue.get(source) ?? [];
      return toStatus(retryQueue, source, names.has(source), usedBy);
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The queue that a retry queue passes its messages on to; undefined for a queue that Plaza has not declared. */
function sourceQueue({ name, arguments: declared }: ListedQueue): string | undefined {
  const parsed = parseRetryQueue(name);
  const { data } = retryQueueArguments.safeParse(declared);
  if (parsed === undefined || data === undefined) return undefined;
  const { queue, delayMs } = parsed;
  return data['x-message-ttl'] === delayMs && data['x-dead-letter-routing-key'] === queue ? queue : undefined;
}

const retryQueueArguments = z.object({
  'x-message-ttl': z.number(),
  'x-dead-letter-exchange': z.literal(''),
  'x-dead-letter-routing-key': z.string(),
});

function toStatus(
  { name, messages, consumers = 0 }: ListedQueue,
  source: string,
  sourceExists: boolean,
  usedBy: readonly ListedConsumer[],
): RetryQueueStatus {
  const kept = (reason: string) => ({ name, kind: 'kept', reason }) as const;
  if (!sourceExists) return kept(`the queue ${source} does not exist`);
  if (usedBy.length === 0) return kept(`no consumer of ${source} is running, so its delays are unknown`);
  const declared = usedBy.map((consumer) => parseConsumerArguments(consumer.arguments));
  if (declared.some((names) => names?.includes(name))) return { name, kind: 'current' };
  if (declared.includes(undefined)) return kept(`a consumer of ${source} does not list its retry queues`);
  if (messages === undefined) return kept('RabbitMQ has no statistics of it yet: try again in 10 seconds');
  if (messages > 0) return kept(`it holds ${messages === 1 ? '1 message' : `${messages} messages`}`);
  if (consumers > 0) return kept('it has a consumer');
  return { name, kind: 'stale' };
}
