import { ANONYMOUS } from '@plaza/service-kit';
import type { Request, Response } from 'express';
import type { UpstreamHeaders, Visit } from '../plugins/plugin.ts';
import type { Match } from '../routing/router.ts';
import { addedTo } from '../upstream/added-headers.ts';
import type { RequestSource } from '../upstream/request-headers.ts';

interface Asking {
  readonly query: string;
  readonly requestId: string;
  readonly source: RequestSource;
  readonly headers: UpstreamHeaders;
}

/** A visit as it begins: nobody is known, nothing has been asked. */
export function createVisit(
  { request, response }: { request: Request; response: Response },
  { route, path, upstreamPath, prefix, captures }: Match,
  { query, requestId, source, headers }: Asking,
): Visit {
  return {
    request,
    response,
    route,
    service: route.service,
    requestId,
    clientAddress: source.addresses[0] ?? source.remote,
    path,
    captures,
    prefix,
    upstreamPath,
    upstreamQuery: query,
    method: request.method,
    headers,
    body: undefined,
    bodyLimit: undefined,
    caller: ANONYMOUS,
    refusal: undefined,
    consumer: undefined,
    credential: undefined,
    added: addedTo(response),
    peer: undefined,
    retried: undefined,
    answeredBy: 'gateway',
    answer: undefined,
    startedAt: performance.now(),
    forwardedAt: undefined,
    answeredAt: undefined,
  };
}
