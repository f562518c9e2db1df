import { isPlazaError } from '@plaza/errors';
import type { RequestHandler } from 'express';
import type { Upstream } from '../balancer/upstream.ts';
import type { ServiceEntity, RouteEntity } from '../kong-config/model/entities.ts';
import type { Router } from '../router/router.ts';
import type { ResponseOutcome } from '../transport/transport.ts';
import { NoService } from '../transport/upstream.errors.ts';
import { drainRequestBody } from './drain-request-body.ts';
import { toProblem } from './error-mapping.ts';
import { clientConnection, setUserIdHeader } from './forwarded-headers.ts';
import { redirectToHttps } from './https-redirect.ts';
import type { PluginChain } from './plugin-chain.ts';
import { createRequestContext, type ProxyRequestContext } from './request-context.ts';
import { parseRequestTarget } from './request-target.ts';
import { validateRequest } from './request-validation.ts';
import type { SseConnections } from './sse-connections.ts';
import {
  addLogField,
  createOptionsLookup,
  UpstreamRequest,
  type UpstreamRequestOptions,
} from './upstream-request.ts';

/** The configuration in force, as far as a request needs it. */
export interface ProxyConfig {
  readonly router: Router;
  /** The upstream is undefined for a route without a service. */
  readonly routes: ReadonlyMap<
    RouteEntity,
    { readonly chain: PluginChain; readonly upstream: Upstream | undefined }
  >;
}

/** Keeps a configuration, and its plugins, until the last of its requests has ended. */
export interface ProxyConfigSource {
  current(): ProxyConfig;
  /** The configuration in force, for one request. */
  acquire(): { readonly compiledConfig: ProxyConfig; release(): void };
}

/**
 * The way of every request: validate, match a route, run the plugins, send it to an instance, stream the response
 * back. A request without a route goes on to the gateway's own pages, and to the 404.
 */
export function createProxyHandler(
  configSource: ProxyConfigSource,
  requestOptions: UpstreamRequestOptions,
  sseConnections: SseConnections,
): RequestHandler {
  const optionsFor = createOptionsLookup(requestOptions);

  /** Holds a place in the upstream's bulkhead until the response has ended. */
  async function forward(
    context: ProxyRequestContext,
    service: ServiceEntity,
    upstream: Upstream,
    chain: PluginChain,
  ): Promise<void> {
    const upstreamRequest = new UpstreamRequest(context, upstream, optionsFor(service));
    const upstreamResponse = await upstreamRequest.send();
    let outcome: ResponseOutcome = 'client-gone';
    try {
      if (upstreamResponse === undefined) return;
      const { head } = upstreamResponse;
      context.respondedAt = performance.now();
      context.responseSource = 'upstream';
      const bodyFilters = chain.headerFilter(context, head);
      context.upstreamResponse = head;
      sseConnections.track(context.response, head);
      outcome = await upstreamResponse.stream(bodyFilters);
    } catch (error) {
      upstreamResponse?.discard();
      throw error;
    } finally {
      upstreamRequest.end();
    }
    if (outcome === 'broken-off') markIncomplete(context);
  }

  return async (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (length !== undefined || encoding !== undefined)
      drainRequestBody(request, response, requestOptions.timeouts.client);
    validateRequest(request, response);
    const { path, query } = parseRequestTarget(request.url);
    const match = configSource.current().router(path, request);
    if (match === undefined) {
      next();
      return;
    }
    const { route } = match;
    const { service } = route;
    const client = clientConnection(request);
    if (!route.protocols.has(client.protocol)) {
      if (client.protocol === 'https') next();
      else redirectToHttps(request, response, route.httpsRedirectStatusCode);
      return;
    }
    response.locals['route'] = route.name;
    const context = createRequestContext(request, response, client, match, query);
    const { compiledConfig, release } = configSource.acquire();
    const compiledRoute = compiledConfig.routes.get(route);
    if (compiledRoute === undefined) throw new Error('The router and the routes are of one configuration.');
    const { chain } = compiledRoute;
    response.on('close', () => {
      chain.log(context);
      release();
    });
    await chain.access(context);
    if (response.writableEnded || response.destroyed) return;
    const { upstream } = compiledRoute;
    if (service === undefined || upstream === undefined)
      throw new NoService(`No service stands behind the route ${route.name}.`, {
        reason: 'route_without_service',
      });
    setUserIdHeader(context.headers, context.caller);
    context.headers.host ??= route.preserveHost ? request.headers.host : upstream.hostHeader;
    context.forwardedAt = performance.now();
    try {
      await upstream.bulkhead.run(() => forward(context, service, upstream, chain));
    } catch (error) {
      context.upstreamResponse = undefined;
      if (!request.complete && !response.headersSent) response.set('Connection', 'close');
      const problem = toProblem(error, upstream.name, context.endpoint);
      // A plugin may have a better response than the error.
      if (!isPlazaError(problem) || response.headersSent || !(await chain.onError(context, problem)))
        throw problem;
    }
  };
}

/** For the access log: the instance, not the client, ended an unfinished response. */
function markIncomplete(context: ProxyRequestContext): void {
  context.response.locals['brokenOff'] = true;
  addLogField(context, 'brokenOff', 'the service ended its answer too early');
}
