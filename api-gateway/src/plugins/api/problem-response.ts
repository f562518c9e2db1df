import { toErrorHeaders, PROBLEM_TYPE, createProblem } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { RequestContext } from './request-context.ts';

/** Sends an error's problem details with a status that the configuration sets. */
export function sendProblem(
  { request, response, requestId }: RequestContext,
  status: number,
  error: PlazaError,
): void {
  const instance = request.originalUrl.split('?', 1)[0] ?? '';
  const problem = { ...createProblem(error, { instance, requestId }), status };
  response.status(status).set(toErrorHeaders(error)).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
