import { UNAVAILABLE_REASONS, type ErrorKind, type PlazaError } from '@plaza/errors';
import { z } from 'zod';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503,
};

/** The codes whose status says more than their kind does. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  method_not_allowed: 405,
  request_timeout: 408,
  upgrade_required: 426,
  payload_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  headers_too_large: 431,
  internal_error: 500,
  bad_gateway: 502,
  gateway_timeout: 504,
};

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457's problem details, with the course's `error` and `message` beside them. */
export const problemSchema = z
  .object({
    type: z.string().meta({ example: 'urn:plaza:error:validation_failed' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The path that was asked for' }),
    requestId: z.string(),
    code: z.string().meta({ description: 'Stable; docs/errors.md lists all' }),
    error: z.string().meta({ description: 'The same as title' }),
    message: z.string().meta({ description: 'The same as detail' }),
    reason: z
      .enum(Object.keys(UNAVAILABLE_REASONS))
      .optional()
      .meta({ description: 'Why, with 502, 503 and 504; docs/errors.md lists all' }),
    dependency: z
      .string()
      .optional()
      .meta({ description: 'What is not available, where the reason is elsewhere' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;

export interface ProblemOccurrence {
  /** The path of the request, without its query. */
  readonly instance: string;
  readonly requestId: string;
}

/** The HTTP status of an error: the one place where the domain's terms become HTTP's. */
export function toHttpStatus(error: Pick<PlazaError, 'kind' | 'code'>): number {
  return STATUS_BY_CODE[error.code] ?? STATUS[error.kind];
}

export function createProblem(error: PlazaError, occurrence: ProblemOccurrence): Problem {
  const { fields, extensions, reason, dependency, ownDependency } = error.details;
  const unavailable = dependency ?? ownDependency;
  return {
    type: `urn:plaza:error:${error.code}`,
    title: error.title,
    status: toHttpStatus(error),
    detail: error.message,
    ...occurrence,
    code: error.code,
    error: error.title,
    message: error.message,
    ...(reason === undefined ? {} : { reason }),
    ...(unavailable === undefined ? {} : { dependency: unavailable }),
    ...(fields === undefined ? {} : { errors: fields.map(({ path, message }) => ({ path, message })) }),
    ...extensions,
  };
}

/** Names the service that is away, where an answer 503 comes from one that is well itself. */
export const UNAVAILABLE_SERVICE = 'X-Unavailable-Service';

/** Headers that go with an error: Retry-After, X-Unavailable-Service, WWW-Authenticate, Allow. */
export function toErrorHeaders(error: PlazaError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.details.retryAfter !== undefined)
    headers['Retry-After'] = String(Math.ceil(error.details.retryAfter));
  if (error.details.dependency !== undefined) headers[UNAVAILABLE_SERVICE] = error.details.dependency;
  if (error.kind === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer';
  if ('allow' in error && Array.isArray(error.allow)) headers['Allow'] = error.allow.join(', ');
  return headers;
}
