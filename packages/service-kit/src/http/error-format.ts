import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Problem } from './problem-details.ts';

/** Another way to word errors than problem details: that of a protocol which others have laid down. */
export interface ErrorFormat {
  readonly contentType: string;
  /** What documents the body. */
  readonly schema: z.ZodType;
  /** The body of the answer. Its status and its headers are those of the problem in any format. */
  serialize(problem: Problem): string;
  /** What a 401 asks for in WWW-Authenticate. Default `Bearer`. */
  readonly challenge?: string;
}

const formats = new WeakMap<ServerResponse, ErrorFormat>();

/** From here on, errors of this exchange are answered in `format`. */
export function setErrorFormat(response: ServerResponse, format: ErrorFormat): void {
  formats.set(response, format);
}

/** undefined for problem details. */
export function getErrorFormat(response: ServerResponse): ErrorFormat | undefined {
  return formats.get(response);
}
