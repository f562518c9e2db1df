import { setTimeout as wait } from 'node:timers/promises';
import type { ConsumeMessage, Options } from 'amqplib';
import { backoffDelay } from '@plaza/service-kit';
import { BrokerUnavailable } from '../publisher/publisher.errors.ts';
import type { Publisher } from '../publisher/publisher.ts';

export interface RepublishRequest {
  readonly message: ConsumeMessage;
  readonly queue: string;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** The subscription that a message came by. */
export interface ConsumerChannel {
  /** Whether the message can still be acknowledged; it comes again by itself where not. */
  isOpen(): boolean;
  /** Declares the consumer's queues again: one of them is missing. Never rejects. */
  redeclareQueues(): Promise<void>;
}

const FIRST_MS = 100;
const MOST_MS = 5_000;

/**
 * Copies a message to another queue, until the broker has confirmed the copy: only then may the message be
 * acknowledged. A crash in between makes a repeat and loses nothing. False where that cannot be any more.
 * @throws {Unsendable} where the message can never be sent on.
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
    await wait(FIRST_MS / 2 + backoffDelay(failures, FIRST_MS, MOST_MS, Math.random));
  }
  return false;
}
