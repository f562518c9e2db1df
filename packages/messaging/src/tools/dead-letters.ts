import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import { z } from 'zod';
import { DEAD_LETTER_HEADERS } from '../consumer/dead-letter-headers.ts';
import { deadLetterQueue } from '../topology/topology.ts';
import { CliError } from './cli-error.ts';

/** A message in a dead-letter queue, with the reason. */
export interface DeadLetter {
  /** Its position in the queue, from 1. `#1` stands for a message without an id. */
  readonly position: number;
  /** The event's id. */
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly reason: string;
  readonly problem: string | undefined;
  readonly stack: string | undefined;
  /** ISO 8601. */
  readonly at: string | undefined;
  readonly attempts: number;
  readonly exchange: string | undefined;
  readonly correlationId: string | undefined;
  readonly message: GetMessage;
}

/** Whether to remove the message from the queue. */
export type DeadLetterAction = 'keep' | 'remove';

/** The name of a dead-letter queue, given that or the consumer's queue. */
export const toDeadLetterQueue = (name: string): string =>
  name.endsWith('.dead') ? name : deadLetterQueue(name);

/** The queue that a dead letter came from and is replayed to. */
export const toSourceQueue = (name: string): string => name.replace(/\.dead$/, '');

/**
 * Visits the current messages of a dead-letter queue in order, `most` at most, and removes those for which `visit`
 * says so. The others return to the queue when the walk ends or fails; until then no other client sees them. Resolves
 * with the number of messages in the queue.
 * @throws {CliError} if there is no such queue.
 */
export async function browseDeadLetters(
  connection: ChannelModel,
  queue: string,
  visit: (letter: DeadLetter) => Promise<DeadLetterAction>,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the call that caused it rejects with the same error
  const count = await countMessages(channel, queue);
  try {
    for (let position = 1; position <= Math.min(count, most); position += 1) {
      const message = await channel.get(queue);
      if (message === false) return position - 1;
      if ((await visit(parseDeadLetter(message, position))) === 'remove') channel.ack(message);
    }
    return count;
  } finally {
    await channel.close(); // unacknowledged messages return to the queue
  }
}

async function countMessages(channel: Channel, queue: string): Promise<number> {
  try {
    return (await channel.checkQueue(queue)).messageCount;
  } catch {
    throw new CliError(`The queue ${queue} does not exist.`);
  }
}

const deaths = z.object({
  'x-death': z.tuple([z.object({ time: z.object({ value: z.number() }) })], z.unknown()),
});

/** The time at which RabbitMQ itself dead-lettered the message, in whole seconds. */
function parseDeathTime(headers: unknown): string | undefined {
  const { data } = deaths.safeParse(headers);
  return data === undefined ? undefined : new Date(data['x-death'][0].time.value * 1000).toISOString();
}

function parseDeadLetter(message: GetMessage, position: number): DeadLetter {
  const { properties } = message;
  const header = (name: string): string | undefined => {
    const value: unknown = properties.headers?.[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const retries: unknown = properties.headers?.[DEAD_LETTER_HEADERS.retries];
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    position,
    id: text(properties.messageId),
    type: text(properties.type) ?? header(DEAD_LETTER_HEADERS.routingKey),
    reason: header(DEAD_LETTER_HEADERS.reason) ?? header('x-first-death-reason') ?? 'unknown',
    problem: header(DEAD_LETTER_HEADERS.problem),
    stack: header(DEAD_LETTER_HEADERS.stack),
    at: header(DEAD_LETTER_HEADERS.at) ?? parseDeathTime(properties.headers),
    attempts: typeof retries === 'number' ? retries + 1 : 1,
    exchange: header(DEAD_LETTER_HEADERS.exchange),
    correlationId: text(properties.correlationId),
    message,
  };
}
