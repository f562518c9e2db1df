import { ANONYMOUS, currentContext } from '@plaza/service-kit';
import type { Request, RequestHandler } from 'express';
import type { Plugin, Visit } from '../plugins/plugin.ts';
import { parseTarget } from '../routing/request-target.ts';
import type { Match, Router } from '../routing/router.ts';
import { deliver } from '../upstream/delivery.ts';
import type { Forwarder } from '../upstream/forwarder.ts';
import { forwardedHeaders } from '../upstream/request-headers.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { refuseMalformed } from './refuse-malformed.ts';

export interface GatewayOptions {
  readonly router: Router;
  /** In this order. */
  readonly plugins: readonly Plugin[];
  readonly upstreams: Upstreams;
  readonly forwarder: Forwarder;
}

/** Every request's way through: checked, matched once, past the plugins, to an instance. What has no route goes on. */
export function gateway({ router, plugins, upstreams, forwarder }: GatewayOptions): RequestHandler {
  return async (request, response, next) => {
    refuseMalformed(request);
    const { path, query } = parseTarget(request.url);
    const match = router(path);
    if (match === undefined) {
      next();
      return;
    }
    response.locals['route'] = match.route.name;
    const visit: Visit = { request, response, route: match.route, identity: { caller: ANONYMOUS } };
    for (const plugin of plugins) {
      const waiting = plugin(visit);
      if (waiting !== undefined) await waiting;
      if (response.writableEnded || response.destroyed) return;
    }
    const headers = headersFor(request, match, visit);
    const upstream = upstreams(match.route.service.address);
    await deliver(forwarder, upstream, { request, response }, { path: match.upstreamPath + query, headers });
  };
}

function headersFor(request: Request, { prefix }: Match, { identity }: Visit) {
  return forwardedHeaders(request, {
    requestId: currentContext()?.requestId ?? '',
    userId: identity.caller?.kind === 'user' ? identity.caller.userId : undefined,
    prefix,
  });
}
