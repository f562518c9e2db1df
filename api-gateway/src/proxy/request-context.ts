import { ANONYMOUS } from '@plaza/service-kit';
import type { Request, Response } from 'express';
import type { UpstreamHeaders, RequestContext } from '../plugins/api/plugin.ts';
import type { RouteMatch } from '../router/router.ts';
import { headerOverridesOf } from '../transport/response-header-overrides.ts';
import type { ClientConnection } from './forwarded-headers.ts';

interface RequestDetails {
  readonly query: string;
  readonly requestId: string;
  readonly client: ClientConnection;
  readonly headers: UpstreamHeaders;
}

/** A request's context as it begins: nobody is known, nothing has been asked. */
export function createRequestContext(
  { request, response }: { request: Request; response: Response },
  { route, path, upstreamPath, prefix, captures }: RouteMatch,
  { query, requestId, client, headers }: RequestDetails,
): RequestContext {
  return {
    request,
    response,
    route,
    service: route.service,
    requestId,
    clientAddress: client.addresses[0] ?? client.remote,
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
    added: headerOverridesOf(response),
    peer: undefined,
    retried: undefined,
    answeredBy: 'gateway',
    answer: undefined,
    startedAt: performance.now(),
    forwardedAt: undefined,
    answeredAt: undefined,
  };
}
