import { ANONYMOUS, currentContext } from '@plaza/service-kit';
import type { Request, Response } from 'express';
import type { RequestContext } from '../plugins/api/request-context.ts';
import type { RouteEntity, ServiceEntity } from '../kong-config/model/entities.ts';
import type { RouteMatch } from '../router/router.ts';
import { gatewayHeadersOf } from '../transport/gateway-headers.ts';
import { createForwardedHeaders, type ClientConnection } from './forwarded-headers.ts';

/** A request's context with the entities in full; plugins see a part of them. */
export interface ProxyRequestContext extends RequestContext {
  readonly route: RouteEntity;
  readonly service: ServiceEntity | undefined;
}

/** The context of a request that matched a route, before its first plugin. Client address and headers are computed here, once. */
export function createRequestContext(
  request: Request,
  response: Response,
  client: ClientConnection,
  { route, path, upstreamPath, prefix, captures }: RouteMatch,
  query: string,
): ProxyRequestContext {
  const requestId = currentContext()?.requestId ?? '';
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
    headers: createForwardedHeaders(request, { requestId, client, prefix }),
    body: undefined,
    bodyLimit: undefined,
    caller: ANONYMOUS,
    authError: undefined,
    consumer: undefined,
    credential: undefined,
    responseHeaders: gatewayHeadersOf(response),
    endpoint: undefined,
    firstAttemptUrl: undefined,
    responseSource: 'gateway',
    upstreamResponse: undefined,
    startedAt: performance.now(),
    forwardedAt: undefined,
    respondedAt: undefined,
  };
}
