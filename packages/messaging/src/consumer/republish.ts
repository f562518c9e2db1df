import { backoffDelay, sleep } from '@plaza/concurrency';
import type { ConsumeMessage, Options } from 'amqplib';
import { BrokerUnavailable } from '../publisher/publisher.errors.ts';
import type { Publisher } from '../publisher/publisher.ts';

export interface RepublishRequest {
  readonly message: ConsumeMessage;
  readonly queue: string;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** The channel that delivered a message. */
export interface ConsumerChannel {
  /** Whether the message can still be acknowledged on it. If not, the broker delivers the message again. */
  isOpen(): boolean;
  /** Declares the consumer's queues again, because one of them is missing. Never rejects. */
  redeclareQueues(): Promise<void>;
}

const BACKOFF = { firstMs: 100, maxMs: 5_000 };

/**
 * Copies a message to another queue and resolves when the broker has confirmed the copy: only then may the original
 * be acknowledged. A crash in between leads to a duplicate, not to a loss. Resolves with false when the channel has
 * closed before.
 * @throws {Unsendable} if the message can never be sent.
 */
export async function republish(
  { message, queue, properties }: RepublishRequest,
  source: ConsumerChannel,
  publisher: Publisher,
): Promise<boolean> {
  for (let failures = 0; source.isOpen(); failures += 1) {
    try {
      const copy = { exchange: '', routingKey: queue, content: message.content, properties };
      if ((await publisher.publish(copy)) === 'routed') return true;
      await source.redeclareQueues();
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
    }
    await sleep(backoffDelay(failures, BACKOFF));
  }
  return false;
}
