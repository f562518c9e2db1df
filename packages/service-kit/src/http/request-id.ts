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
  const { 'x-request-id': sent, traceparent, authorization } = request.headers;
  const requestId = requestIdFrom(typeof sent === 'string' ? sent : undefined);
  response.setHeader(REQUEST_ID, requestId);
  withContext(
    {
      requestId,
      ...(typeof traceparent === 'string' ? { traceparent } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    },
    next,
  );
};
