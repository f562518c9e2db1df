import { headersOf, PROBLEM_TYPE, problemOf } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { Visit } from './plugin.ts';

/** Answers with an error's problem details under a status that the configuration has chosen. */
export function answerProblem(
  { request, response, requestId }: Visit,
  status: number,
  error: PlazaError,
): void {
  const instance = request.originalUrl.split('?', 1)[0] ?? '';
  const problem = { ...problemOf(error, { instance, requestId }), status };
  response.status(status).set(headersOf(error)).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
