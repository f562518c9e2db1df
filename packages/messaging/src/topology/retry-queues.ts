import { z } from 'zod';
import type { ConsumedQueue } from './topology.ts';

/** The delay is part of the name: another delay is another queue, and never a mismatch with the old one. */
export const retryQueue = (queue: string, delayMs: number): string =>
  `${queue}.retry.${delayMs % 1000 === 0 ? `${delayMs / 1000}s` : `${delayMs}ms`}`;

/** What the name of a retry queue says; undefined for any other name. */
export function parseRetryQueue(name: string): { queue: string; delayMs: number } | undefined {
  const [, queue, number, unit] = /^(.+)\.retry\.(\d+)(ms|s)$/.exec(name) ?? [];
  if (queue === undefined) return undefined;
  return { queue, delayMs: Number(number) * (unit === 's' ? 1_000 : 1) };
}

/**
 * An argument of `basic.consume` that lists the consumer's retry queues. RabbitMQ ignores it and shows it in its
 * management API, where `dlq prune` reads which retry queues the running consumers use.
 */
const RETRY_QUEUES_ARGUMENT = 'x-plaza-retry-queues';

export function toConsumerArguments({ queue, retryAfterMs }: ConsumedQueue): Record<string, string[]> {
  return { [RETRY_QUEUES_ARGUMENT]: retryAfterMs.map((delay) => retryQueue(queue, delay)) };
}

const consumerArguments = z.object({ [RETRY_QUEUES_ARGUMENT]: z.array(z.string()) });

/** The retry queues that a consumer declares; undefined for one that declares none, not even an empty list. */
export function parseConsumerArguments(value: unknown): readonly string[] | undefined {
  return consumerArguments.safeParse(value).data?.[RETRY_QUEUES_ARGUMENT];
}
