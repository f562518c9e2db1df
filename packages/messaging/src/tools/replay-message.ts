import type { ConfirmChannel } from 'amqplib';
import { toRepublishProperties } from '../consumer/dead-letter-headers.ts';
import type { DeadLetter } from './dead-letters.ts';
import { CliError } from './cli-error.ts';

/** Sends a copy to the queue that the dead letter came from, and resolves when the broker has confirmed it. */
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
      (error: unknown) =>
        error === null ? resolve() : reject(new CliError('RabbitMQ did not accept the message.')),
    );
  });
  channel.off('return', returned);
  if (missing) throw new CliError(`The queue ${queue} does not exist: start its service.`);
}
