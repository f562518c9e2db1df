import type { ConfirmChannel } from 'amqplib';
import { z } from 'zod';
import { propertiesOf } from '../consumer/dead-letter.ts';
import { envelopeSchema } from '../envelope.ts';
import type { DeadLetter } from './dead-letters.ts';
import { ToolError } from './tool-error.ts';

/** What to put in place of what made the message fail. */
export type Mending = { readonly data: unknown } | { readonly body: unknown } | undefined;

/**
 * The body that goes back. Mended or not, it has the event's own id: for a consumer that handled it already
 * it is a repeat.
 * @throws {ToolError} where the mended body would be refused as well.
 */
export function mend({ message }: DeadLetter, mending: Mending): Buffer {
  if (mending === undefined) return message.content;
  const body = 'body' in mending ? mending.body : withData(message.content, mending.data);
  const { error } = envelopeSchema.safeParse(body);
  if (error !== undefined)
    throw new ToolError(`The mended message would be refused as well:\n${z.prettifyError(error)}`);
  return Buffer.from(JSON.stringify(body));
}

function withData(content: Buffer, data: unknown): unknown {
  try {
    return { ...z.looseObject({}).parse(JSON.parse(content.toString())), data };
  } catch {
    throw new ToolError('The message is no JSON object: give the whole of it with --body.');
  }
}

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
