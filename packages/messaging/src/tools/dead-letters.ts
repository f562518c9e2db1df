import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import { z } from 'zod';
import { DEAD_LETTER_HEADERS } from '../consumer/dead-letter-headers.ts';
import { deadLetterQueue } from '../topology/topology.ts';
import { CliError } from './cli-error.ts';

/** A message that was given up on, and all that is known of why. */
export interface DeadLetter {
  /** Its place in the queue, from 1: what has no id is named by it, as `#1`. */
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

/** Whether to take a message out of the queue. */
export type DeadLetterAction = 'keep' | 'remove';

/** A queue of dead letters by either of its names: the consumer's, or its own. */
export const toDeadLetterQueue = (name: string): string =>
  name.endsWith('.dead') ? name : deadLetterQueue(name);

/** The queue that a dead letter came from and goes back to. */
export const toSourceQueue = (name: string): string => name.replace(/\.dead$/, '');

/**
 * Walks over what is in a queue of dead letters now, in order and at most over `most`, and removes what
 * `visit` says. The rest goes back when the walk ends, whatever ends it; until then nobody else sees it.
 * Answers how many letters there were.
 * @throws {CliError} where there is no such queue.
 */
export async function browseDeadLetters(
  connection: ChannelModel,
  queue: string,
  visit: (letter: DeadLetter) => Promise<DeadLetterAction>,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the call that caused it rejects with the same
  const count = await countMessages(channel, queue);
  try {
    for (let position = 1; position <= Math.min(count, most); position += 1) {
      const message = await channel.get(queue);
      if (message === false) return position - 1;
      if ((await visit(parseDeadLetter(message, position))) === 'remove') channel.ack(message);
    }
    return count;
  } finally {
    await channel.close(); // what is not acknowledged returns
  }
}

async function countMessages(channel: Channel, queue: string): Promise<number> {
  try {
    return (await channel.checkQueue(queue)).messageCount;
  } catch {
    throw new CliError(`There is no queue ${queue}.`);
  }
}

const deaths = z.object({
  'x-death': z.tuple([z.object({ time: z.object({ value: z.number() }) })], z.unknown()),
});

/** When RabbitMQ itself moved the message: it counts seconds. */
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
