import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import type { DeadLetter } from './dead-letters.ts';
import { CliError } from './cli-error.ts';

/** Names of files of JSON. */
export interface PatchFiles {
  readonly data?: string | undefined;
  readonly body?: string | undefined;
}

/** What to put in place of what made the message fail. */
type MessagePatch = { readonly data: unknown } | { readonly body: unknown } | undefined;

/**
 * The body that goes back. Mended or not, it has the event's own id: for a consumer that handled it already
 * it is a repeat.
 * @throws {CliError} where the mended body would be refused as well.
 */
export function patchMessage({ message }: DeadLetter, patch: MessagePatch): Buffer {
  if (patch === undefined) return message.content;
  const body = 'body' in patch ? patch.body : replaceData(message.content, patch.data);
  const { error } = envelopeSchema.safeParse(body);
  if (error !== undefined)
    throw new CliError(`The mended message would be refused as well:\n${z.prettifyError(error)}`);
  return Buffer.from(JSON.stringify(body));
}

function replaceData(content: Buffer, data: unknown): unknown {
  try {
    return { ...z.looseObject({}).parse(JSON.parse(content.toString())), data };
  } catch {
    throw new CliError('The message is no JSON object: give the whole of it with --body.');
  }
}

/** @throws {CliError} where a file is not there or no JSON. */
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
    throw new CliError(`${path} is no JSON: ${Error.isError(error) ? error.message : String(error)}`);
  }
}
