import type { ConfirmChannel } from 'amqplib';
import { toRepublishProperties } from '../consumer/dead-letter-headers.ts';
import type { DeadLetter } from './dead-letters.ts';
import { CliError } from './cli-error.ts';

/** Puts a copy back into the one queue that the letter came from; resolves when the broker has it. */
export async function replayMessage(
  channel: ConfirmChannel,
  queue: string,
  { message }: DeadLetter,
  body: Buffer,
  now: Date,
): Promise<void> {
  let missing = false;
  const returned = () => (missing = true);
  channel.on('return', returned);
  const properties = toRepublishProperties(message.properties, { 'x-replayed-at': now.toISOString() });
  await new Promise<void>((resolve, reject) => {
    channel.publish(
      '',
      queue,
      body,
      { ...properties, persistent: true, mandatory: true },
      (error: unknown) => (error === null ? resolve() : reject(new CliError('RabbitMQ did not take it.'))),
    );
  });
  channel.off('return', returned);
  if (missing) throw new CliError(`There is no queue ${queue} to go back to: start its service.`);
}
