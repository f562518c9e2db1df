import { isPlazaError } from '@plaza/errors';
import { currentContext } from '@plaza/service-kit';
import type { RequestHandler } from 'express';
import { parseTarget } from '../routing/request-target.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createVisit } from '../runtime/visit.ts';
import type { Deliver } from '../upstream/delivery.ts';
import { forwardedHeaders, sourceOf } from '../upstream/request-headers.ts';
import { NoService } from '../upstream/upstream.errors.ts';
import { askForHttps } from './ask-for-https.ts';
import type { EventStreams } from './event-streams.ts';
import { refuseMalformed } from './refuse-malformed.ts';

/** Every request's way through: checked, matched once, past the plugins, to an instance. What has no route goes on. */
export function gateway(runtime: Runtime, deliver: Deliver, streams: EventStreams): RequestHandler {
  return async (request, response, next) => {
    refuseMalformed(request, response);
    const { path, query } = parseTarget(request.url);
    const match = runtime.current().router(path, request);
    if (match === undefined) {
      next();
      return;
    }
    const { route, prefix } = match;
    const source = sourceOf(request);
    if (!route.protocols.has(source.protocol)) {
      if (source.protocol === 'https') next();
      else askForHttps(request, response, route.httpsRedirectStatusCode);
      return;
    }
    response.locals['route'] = route.name;
    const requestId = currentContext()?.requestId ?? '';
    const headers = forwardedHeaders(request, { requestId, source, prefix });
    const visit = createVisit({ request, response }, match, { query, requestId, source, headers });
    const { configuration, release } = runtime.lease();
    const chain = configuration.chainOf(route);
    response.on('close', () => {
      chain.log(visit);
      release();
    });
    await chain.access(visit);
    if (response.writableEnded || response.destroyed) return;
    if (route.service === undefined) throw new NoService(`No service stands behind the route ${route.name}.`);
    try {
      visit.forwardedAt = performance.now();
      await deliver(visit, configuration.upstreamOf(route.service), (answer) => {
        visit.answeredAt = performance.now();
        const taps = chain.respond(visit, answer);
        visit.answer = answer;
        streams.begun(response, answer);
        return taps;
      });
    } catch (error) {
      visit.answer = undefined;
      // A plugin may have something better than an error.
      if (!isPlazaError(error) || response.headersSent || !(await chain.failed(visit, error))) throw error;
    }
  };
}
