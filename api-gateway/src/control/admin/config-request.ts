import express, { type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { safeJsonParse } from '../../util/safe-json-parse.ts';

const BODY_LIMIT = '5mb';

/** Reads every body as text; `parseConfigRequest` finds its format. */
export const configBodyParser: RequestHandler = express.text({ limit: BODY_LIMIT, type: () => true });

const wrappedConfigSchema = z.object({ config: z.string() });

/** The file in the body of `POST /config`, as in Kong: raw, or the field `config` of JSON or a form. */
export function parseConfigRequest(request: Request): string | undefined {
  const body: unknown = request.body;
  if (typeof body !== 'string' || body === '') return undefined;
  if (request.is('application/x-www-form-urlencoded') !== false)
    return new URLSearchParams(body).get('config') ?? body;
  if (request.is('multipart/form-data') !== false)
    return multipartField(request.get('content-type') ?? '', body);
  const { data } = wrappedConfigSchema.safeParse(safeJsonParse(body));
  return data?.config ?? body;
}

function multipartField(type: string, body: string): string | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? [];
  const parts = body.split(`--${quoted ?? plain ?? ''}`);
  const part = parts.find((one) => /^\r\ncontent-disposition:[^\r\n]*\bname="?config"?/i.test(one));
  return part === undefined ? undefined : part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '');
}
