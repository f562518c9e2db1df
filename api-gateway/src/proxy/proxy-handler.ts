import { isPlazaError } from '@plaza/errors';
import { currentContext } from '@plaza/service-kit';
import type { RequestHandler } from 'express';
import { parseRequestTarget } from './request-target.ts';
import type { ActiveConfig } from '../control/active-config.ts';
import { createRequestContext } from './request-context.ts';
import type { SendUpstreamRequest } from './upstream-request.ts';
import { createForwardedHeaders, clientConnection } from './forwarded-headers.ts';
import { NoService } from '../transport/upstream.errors.ts';
import { redirectToHttps } from './https-redirect.ts';
import type { SseConnections } from './sse-connections.ts';
import { validateRequest } from './request-validation.ts';

/** Every request's way through: checked, matched once, past the plugins, to an instance. What has no route goes on. */
export function createProxyHandler(
  activeConfig: ActiveConfig,
  sendUpstreamRequest: SendUpstreamRequest,
  sseConnections: SseConnections,
): RequestHandler {
  return async (request, response, next) => {
    validateRequest(request, response);
    const { path, query } = parseRequestTarget(request.url);
    const match = activeConfig.current().router(path, request);
    if (match === undefined) {
      next();
      return;
    }
    const { route, prefix } = match;
    const client = clientConnection(request);
    if (!route.protocols.has(client.protocol)) {
      if (client.protocol === 'https') next();
      else redirectToHttps(request, response, route.httpsRedirectStatusCode);
      return;
    }
    response.locals['route'] = route.name;
    const requestId = currentContext()?.requestId ?? '';
    const headers = createForwardedHeaders(request, { requestId, client, prefix });
    const requestContext = createRequestContext({ request, response }, match, {
      query,
      requestId,
      client,
      headers,
    });
    const { compiledConfig, release } = activeConfig.acquire();
    const chain = compiledConfig.chainFor(route);
    response.on('close', () => {
      chain.log(requestContext);
      release();
    });
    await chain.access(requestContext);
    if (response.writableEnded || response.destroyed) return;
    if (route.service === undefined) throw new NoService(`No service stands behind the route ${route.name}.`);
    try {
      requestContext.forwardedAt = performance.now();
      await sendUpstreamRequest(requestContext, compiledConfig.upstreamFor(route.service), (responseHead) => {
        requestContext.respondedAt = performance.now();
        const bodyFilters = chain.headerFilter(requestContext, responseHead);
        requestContext.upstreamResponse = responseHead;
        sseConnections.track(response, responseHead);
        return bodyFilters;
      });
    } catch (error) {
      requestContext.upstreamResponse = undefined;
      // A plugin may have something better than an error.
      if (!isPlazaError(error) || response.headersSent || !(await chain.onError(requestContext, error)))
        throw error;
    }
  };
}
