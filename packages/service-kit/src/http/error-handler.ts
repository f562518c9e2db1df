import { isPlazaError, Unavailable, type PlazaError } from '@plaza/errors';
import type { ErrorRequestHandler, Response } from 'express';
import type { Metrics } from '../metrics.ts';
import type { Logger } from '../logger.ts';
import { requestFailed, requestRefused } from '../service-kit.log-events.ts';
import { currentContext } from '../correlation-context.ts';
import { getErrorFormat, type ErrorFormat } from './error-format.ts';
import {
  toErrorHeaders,
  PROBLEM_TYPE,
  createProblem,
  problemSchema,
  toHttpStatus,
  type Problem,
} from './problem-details.ts';
import { InternalError, MalformedRequest, PayloadTooLarge, UnsupportedMediaType } from './problem.errors.ts';

/** For each dependency by its name in words, whether an error says that it is away: `{ 'The database': isMongoOutage }`. */
export type DependencyErrors = Readonly<Record<string, (error: unknown) => boolean>>;

/** Answers every error as problem details, or in the format of its route. What is not ours to explain becomes a 500 and a line in the log. */
export function errorHandler(
  logger: Logger,
  metrics: Pick<Metrics, 'unavailable'>,
  dependencyErrors: DependencyErrors,
): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const plazaError = toPlazaError(error, dependencyErrors);
    logError(logger, plazaError, error);
    const instance = request.originalUrl.split('?', 1)[0] ?? '';
    const problem = createProblem(plazaError, { instance, requestId: currentContext()?.requestId ?? '' });
    recordReason(response, metrics, problem);
    const { contentType, serialize, challenge } = getErrorFormat(response) ?? PROBLEM_DETAILS;
    response.status(problem.status).set(toErrorHeaders(plazaError)).type(contentType);
    if (challenge !== undefined && problem.status === 401) response.set('WWW-Authenticate', challenge);
    response.send(serialize(problem));
  };
}

/** The reason of the body is in the line of the access log and in the metric as well. */
function recordReason(
  { locals }: Response,
  { unavailable }: Pick<Metrics, 'unavailable'>,
  { code, reason, dependency }: Problem,
): void {
  if (reason === undefined) return;
  locals['log'] = { ...locals['log'], reason, ...(dependency === undefined ? {} : { dependency }) };
  unavailable.inc({ code, reason, dependency: dependency ?? '' });
}

/** A defect is told with its stack; what is away or full, in a sentence: its stack says nothing. */
function logError(logger: Logger, plazaError: PlazaError, error: unknown): void {
  const status = toHttpStatus(plazaError);
  if (status === 500) logger.error(requestFailed, { code: plazaError.code, error });
  else if (status > 500)
    logger.warn(requestRefused, {
      code: plazaError.code,
      detail: plazaError.message,
      reason: toReason(plazaError),
    });
}

function toReason({ details: { cause } }: PlazaError): string | undefined {
  return Error.isError(cause) ? cause.message : undefined;
}

const PROBLEM_DETAILS: ErrorFormat = {
  contentType: PROBLEM_TYPE,
  schema: problemSchema,
  serialize: (problem) => JSON.stringify(problem),
};

function toPlazaError(error: unknown, dependencyErrors: DependencyErrors): PlazaError {
  if (isPlazaError(error)) return error;
  for (const [dependency, isOutage] of Object.entries(dependencyErrors)) {
    if (isOutage(error))
      return new Unavailable(`${dependency} is away; try again in a moment.`, {
        reason: 'dependency_down',
        ownDependency: dependency.replace(/^The /, '').toLowerCase(),
        retryAfter: 2,
        cause: error,
      });
  }
  return isClientError(error)
    ? toParsingError(error)
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

function toParsingError(error: ClientError): PlazaError {
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
