import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { withContext } from '../request-context.ts';

export const REQUEST_ID = 'X-Request-Id';

/** What we pass on without fear of breaking somebody's log or header. */
const SANE = /^[\w.:-]{1,128}$/;

/** A sane id that came with the request, else a new one. */
export function requestIdFrom(header: string | undefined): string {
  return header !== undefined && SANE.test(header) ? header : randomUUID();
}

/** Gives the request its id, answers with it, and lets all that follows see it as the current context. */
export const requestContext: RequestHandler = (request, response, next) => {
  const requestId = requestIdFrom(request.get(REQUEST_ID));
  const traceparent = request.get('traceparent');
  const authorization = request.get('authorization');
  response.set(REQUEST_ID, requestId);
  withContext(
    {
      requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    next,
  );
};
