import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import type { DeadLetter } from './dead-letters.ts';
import { CliError } from './cli-error.ts';

/** Paths of JSON files. */
export interface PatchFiles {
  readonly data?: string | undefined;
  readonly body?: string | undefined;
}

/** The replacement for the part of the message that made it fail. */
type MessagePatch = { readonly data: unknown } | { readonly body: unknown } | undefined;

/**
 * The body to send. Edited or not, it keeps the event's id: a consumer that has handled it already sees a duplicate.
 * @throws {CliError} if the edited body is not a valid event.
 */
export function patchMessage({ message }: DeadLetter, patch: MessagePatch): Buffer {
  if (patch === undefined) return message.content;
  const body = 'body' in patch ? patch.body : replaceData(message.content, patch.data);
  const { error } = envelopeSchema.safeParse(body);
  if (error !== undefined)
    throw new CliError(`The edited message is still not a valid event:\n${z.prettifyError(error)}`);
  return Buffer.from(JSON.stringify(body));
}

function replaceData(content: Buffer, data: unknown): unknown {
  try {
    return { ...z.looseObject({}).parse(JSON.parse(content.toString())), data };
  } catch {
    throw new CliError('The message is not a JSON object: give its whole body with --body.');
  }
}

/** @throws {CliError} if a file cannot be read or is not JSON. */
export async function readPatch({ data, body }: PatchFiles): Promise<MessagePatch> {
  if (data !== undefined) return { data: await readJson(data) };
  return body === undefined ? undefined : { body: await readJson(body) };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CliError(`${path} cannot be read.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${path} is not JSON: ${Error.isError(error) ? error.message : String(error)}`);
  }
}
