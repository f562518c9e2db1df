import { setTimeout as wait } from 'node:timers/promises';
import type { ConsumeMessage, Options } from 'amqplib';
import { backoffDelay } from '@plaza/service-kit';
import { BrokerUnavailable } from '../publisher/publisher.errors.ts';
import type { Publisher } from '../publisher/publisher.ts';

export interface PutAside {
  readonly message: ConsumeMessage;
  readonly queue: string;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** The subscription that a message came by. */
export interface Source {
  /** Whether the message can still be acknowledged; it comes again by itself where not. */
  alive(): boolean;
  /** Declares the consumer's queues again: one of them is missing. Never rejects. */
  restore(): Promise<void>;
}

const FIRST_MS = 100;
const MOST_MS = 5_000;

/**
 * Copies a message to another queue, until the broker has confirmed the copy: only then may the message be
 * acknowledged. A crash in between makes a repeat and loses nothing. False where that cannot be any more.
 * @throws {Unsendable} where the message can never be sent on.
 */
export async function putAside(
  { message, queue, properties }: PutAside,
  source: Source,
  publisher: Publisher,
): Promise<boolean> {
  for (let failures = 0; source.alive(); failures += 1) {
    try {
      const copy = { exchange: '', routingKey: queue, content: message.content, properties };
      if ((await publisher.publish(copy)) === 'routed') return true;
      await source.restore();
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
    }
    await wait(FIRST_MS / 2 + backoffDelay(failures, FIRST_MS, MOST_MS, Math.random));
  }
  return false;
}
