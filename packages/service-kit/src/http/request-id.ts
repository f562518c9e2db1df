import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { withContext, type CorrelationContext } from '../correlation-context.ts';

export const REQUEST_ID = 'X-Request-Id';

/** The ids that are safe in a log line and in a header. */
const SANE = /^[\w.:-]{1,128}$/;

/** A sane id that came with the request, else a new one. */
export function parseRequestId(header: string | undefined): string {
  return header !== undefined && SANE.test(header) ? header : randomUUID();
}

/** Adds a header to an answer. */
export type SetResponseHeader = (response: Response, name: string, value: string) => void;

const setHeader: SetResponseHeader = (response, name, value) => void response.setHeader(name, value);

/** Gives the request its id, answers with it, and lets all that follows see it as the current context. */
export function createCorrelationMiddleware(setResponseHeader = setHeader): RequestHandler {
  return (request, response, next) => {
    const { 'x-request-id': sent, traceparent, authorization } = request.headers;
    const requestId = parseRequestId(typeof sent === 'string' ? sent : undefined);
    setResponseHeader(response, REQUEST_ID, requestId);
    withContext(createContext(requestId, traceparent, authorization), next);
  };
}

function createContext(
  requestId: string,
  traceparent: string | string[] | undefined,
  authorization: string | undefined,
): CorrelationContext {
  return {
    requestId,
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    ...(authorization === undefined ? {} : { authorization }),
  };
}
