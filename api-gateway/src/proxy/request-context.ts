import { ANONYMOUS } from '@plaza/service-kit';
import type { Request, Response } from 'express';
import type { UpstreamHeaders, RequestContext } from '../plugins/api/request-context.ts';
import type { RouteEntity, ServiceEntity } from '../kong-config/model/entities.ts';
import type { RouteMatch } from '../router/router.ts';
import { headerOverridesOf } from '../transport/response-header-overrides.ts';
import type { ClientConnection } from './forwarded-headers.ts';

/** The context with the whole entities, of which plugins see a part. */
export interface ProxyRequestContext extends RequestContext {
  readonly route: RouteEntity;
  readonly service: ServiceEntity | undefined;
}

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
): ProxyRequestContext {
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
    authError: undefined,
    consumer: undefined,
    credential: undefined,
    responseHeaders: headerOverridesOf(response),
    endpoint: undefined,
    firstAttemptUrl: undefined,
    responseSource: 'gateway',
    upstreamResponse: undefined,
    startedAt: performance.now(),
    forwardedAt: undefined,
    respondedAt: undefined,
  };
}
