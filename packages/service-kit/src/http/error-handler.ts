import { isPlazaError, Unavailable, type PlazaError } from '@plaza/errors';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from '../logger.ts';
import { currentContext } from '../request-context.ts';
import { errorFormatOf, type ErrorFormat } from './error-format.ts';
import { headersOf, PROBLEM_TYPE, problemOf, problemSchema, statusOf } from './problem.ts';
import { InternalError, MalformedRequest, PayloadTooLarge, UnsupportedMediaType } from './problem.errors.ts';

/** For each dependency by its name in words, whether an error says that it is away: `{ 'The database': isMongoOutage }`. */
export type Outages = Readonly<Record<string, (error: unknown) => boolean>>;

/** Answers every error as problem details, or in the format of its route. What is not ours to explain becomes a 500 and a line in the log. */
export function errorHandler(logger: Logger, outages: Outages): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = explain(error, outages);
    report(logger, known, error);
    const instance = request.originalUrl.split('?', 1)[0] ?? '';
    const problem = problemOf(known, { instance, requestId: currentContext()?.requestId ?? '' });
    const { contentType, text, challenge } = errorFormatOf(response) ?? PROBLEM_DETAILS;
    response.status(problem.status).set(headersOf(known)).type(contentType);
    if (challenge !== undefined && problem.status === 401) response.set('WWW-Authenticate', challenge);
    response.send(text(problem));
  };
}

/** A defect is told with its stack; what is away or full, in a sentence: its stack says nothing. */
function report(logger: Logger, known: PlazaError, error: unknown): void {
  const status = statusOf(known);
  if (status === 500) logger.error(known.message, { code: known.code, error });
  else if (status > 500) logger.warn(known.message, { code: known.code, reason: reasonOf(known) });
}

function reasonOf({ details: { cause } }: PlazaError): string | undefined {
  return Error.isError(cause) ? cause.message : undefined;
}

const PROBLEM_DETAILS: ErrorFormat = {
  contentType: PROBLEM_TYPE,
  schema: problemSchema,
  text: (problem) => JSON.stringify(problem),
};

function explain(error: unknown, outages: Outages): PlazaError {
  if (isPlazaError(error)) return error;
  for (const [dependency, isOutage] of Object.entries(outages)) {
    if (isOutage(error))
      return new Unavailable(`${dependency} is away; try again in a moment.`, {
        retryAfter: 2,
        cause: error,
      });
  }
  return isClientError(error)
    ? explainParsing(error)
    : new InternalError('Something broke on our side; the log has it under this request id.', {
        cause: error,
      });
}

interface ClientError {
  readonly status: number;
  readonly type?: unknown;
  readonly message: string;
}

/** Express and body-parser mark what the client did wrong with a 4xx status. */
function isClientError(error: unknown): error is ClientError {
  if (!Error.isError(error) || !('status' in error)) return false;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}

function explainParsing(error: ClientError): PlazaError {
  switch (error.type) {
    case 'entity.too.large':
      return new PayloadTooLarge('The body is longer than 100 kB.');
    case 'entity.parse.failed':
      return new MalformedRequest(`The body is not valid JSON: ${error.message}`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new UnsupportedMediaType(`The body's encoding is not read here: ${error.message}.`);
    default:
      return new MalformedRequest(`The request cannot be read: ${error.message}.`);
  }
}
