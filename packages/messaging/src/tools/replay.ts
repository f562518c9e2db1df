import type { ConfirmChannel } from 'amqplib';
import { propertiesOf } from '../consumer/dead-letter.ts';
import type { DeadLetter } from './dead-letters.ts';
import { ToolError } from './tool-error.ts';

/** Puts a copy back into the one queue that the letter came from; resolves when the broker has it. */
export async function sendBack(
  channel: ConfirmChannel,
  queue: string,
  { message }: DeadLetter,
  body: Buffer,
  now: Date,
): Promise<void> {
  let missing = false;
  const returned = () => (missing = true);
  channel.on('return', returned);
  const properties = propertiesOf(message.properties, { 'x-replayed-at': now.toISOString() });
  await new Promise<void>((resolve, reject) => {
    channel.publish(
      '',
      queue,
      body,
      { ...properties, persistent: true, mandatory: true },
      (error: unknown) => (error === null ? resolve() : reject(new ToolError('RabbitMQ did not take it.'))),
    );
  });
  channel.off('return', returned);
  if (missing) throw new ToolError(`There is no queue ${queue} to go back to: start its service.`);
}
