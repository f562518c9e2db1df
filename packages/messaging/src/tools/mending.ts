import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import type { DeadLetter } from './dead-letters.ts';
import { ToolError } from './tool-error.ts';

/** Names of files of JSON. */
export interface MendingFiles {
  readonly data?: string | undefined;
  readonly body?: string | undefined;
}

/** What to put in place of what made the message fail. */
type Mending = { readonly data: unknown } | { readonly body: unknown } | undefined;

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

/** @throws {ToolError} where a file is not there or no JSON. */
export async function readMending({ data, body }: MendingFiles): Promise<Mending> {
  if (data !== undefined) return { data: await readJson(data) };
  return body === undefined ? undefined : { body: await readJson(body) };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new ToolError(`${path} cannot be read.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ToolError(`${path} is no JSON: ${Error.isError(error) ? error.message : String(error)}`);
  }
}
