import type { ErrorKind } from '@plaza/errors';
import type { Request } from 'express';
import { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import type { ErrorFormat } from './error-format.ts';
import type { EventStreamSchema, StreamReply } from './event-stream.ts';
import type { BodyReader } from './body-reader.ts';
import { ValidationFailed } from './problem.errors.ts';

export type HttpRouteMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** `none` does not look at the token, `optional` checks one that is there, `required` answers 401 without. */
export type AuthMode = 'none' | 'optional' | 'required';

export type RouteReply = JsonReply | SerializedReply | StreamReply;

export interface JsonReply {
  readonly status: number;
  /** Goes out as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is more than JSON, or was serialized before. */
export interface SerializedReply extends Omit<JsonReply, 'body'> {
  readonly contentType: string;
  readonly content: string | Buffer;
}

/** The parts of a request that a schema may describe. Names of headers are in lower case, others may come too. */
export type InputSchemas = Readonly<Partial<Record<'params' | 'query' | 'headers' | 'body', z.ZodType>>>;

/** An error class as documentation needs it. */
export interface DocumentedError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly title: string;
}

/** What the documentation of a route is made from, besides its input. */
export interface HttpRouteDocs {
  readonly method: HttpRouteMethod;
  /** Express's pattern: `/users/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly auth: AuthMode;
  /** Answers by status: a schema, `eventStream` of one, or null for an answer without a body. */
  readonly responses: Readonly<Record<number, z.ZodType | EventStreamSchema | null>>;
  /** The domain's errors that may come. 400, 500 and, but for an `authenticate` of its own, 401 are documented without being named. */
  readonly errors?: readonly DocumentedError[];
  /** How errors are worded, where not as problem details; 405 and broken bodies too. */
  readonly errorFormat?: ErrorFormat;
  /** How a body is read, where not as JSON alone. */
  readonly bodyReader?: BodyReader;
  /** The media types of its answers, where not JSON alone. */
  readonly produces?: readonly string[];
  /** Who asks, where that is not said as everywhere. @throws {Unauthorized} {Forbidden} */
  readonly authenticate?: (request: Request) => Promise<Caller>;
}

export type RouteInput<Input extends InputSchemas> = z.output<z.ZodObject<Input>> & {
  readonly caller: Caller;
  readonly request: Request;
};

/** One route as the app mounts it: its input is checked, its documentation at hand. */
export interface HttpRoute extends HttpRouteDocs {
  readonly input: InputSchemas;
  /** @throws {ValidationFailed} that names every field which is wrong. */
  run(request: Request, caller: Caller): Promise<RouteReply>;
}

export interface HttpRouteOptions<Input extends InputSchemas> extends HttpRouteDocs {
  readonly input?: Input;
  readonly handle: (handled: RouteInput<Input>) => Promise<RouteReply> | RouteReply;
}

/** Declares a route. The handler gets parsed parts only; it never reads the raw request for input. */
export function route<const Input extends InputSchemas = InputSchemas>(
  spec: HttpRouteOptions<Input>,
): HttpRoute {
  const { handle, input, ...docs } = spec;
  const schema = z.object(input);
  return {
    ...docs,
    input: input ?? {},
    run: async (request, caller) => {
      const { params, query, headers, body } = request;
      const parsed = await schema.safeParseAsync({ params, query, headers, body }, { error: toErrorMessage });
      if (!parsed.success) throw toValidationFailed(parsed.error);
      return handle({ ...parsed.data, caller, request });
    },
  };
}

/** Zod's messages, except for the most common mistake: "expected string, received undefined" does not help. */
function toErrorMessage({ code, input }: z.core.$ZodRawIssue): string | undefined {
  const missing = input === undefined && (code === 'invalid_type' || code === 'invalid_value');
  return missing ? 'is required' : undefined;
}

/** A field of the body goes by its own name; of any other part, by that part's name as well. */
function toValidationFailed(error: z.ZodError): ValidationFailed {
  const fields = error.issues.flatMap(flattenIssue).map(({ path, message }) => ({
    path: (path[0] === 'body' ? path.slice(1) : path).join('.'),
    message,
  }));
  const [first] = fields;
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const place = first === undefined || first.path === '' ? '' : `${first.path}: `;
  return new ValidationFailed(`${place}${first?.message ?? 'invalid'}${more}`, { fields });
}

/** Unknown keys come as one issue that lists them: each gets a line of its own. */
function flattenIssue(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a field here' }));
}
