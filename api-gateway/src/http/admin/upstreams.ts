import type { Metrics } from '@plaza/service-kit';
import { Router } from 'express';
import type { Upstream } from '../../declaration/declaration.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import type { Upstreams } from '../../upstream/upstreams.ts';
import { byNameOrId, serveCollection } from './collection.ts';
import { healthView } from './health-view.ts';
import { knownUpstreams } from './known-upstreams.ts';
import { answering, notFound, ok, param } from './reply.ts';
import { serve } from './resource.ts';
import { targetRouter } from './targets.ts';
import { trafficIn } from './traffic.ts';
import { upstreamView, type ViewContext } from './views.ts';

export interface UpstreamRouterOptions {
  readonly keeper: Keeper;
  readonly upstreams: Upstreams;
  readonly context: () => ViewContext;
  readonly metrics: Metrics;
}

/** Upstreams, declared or not, how those are who answer for them, and their targets. */
export function upstreamRouter({ keeper, upstreams, context, metrics }: UpstreamRouterOptions): Router {
  const router = Router();
  const all = () => knownUpstreams(keeper);
  const nameOf = ({ name }: Upstream) => name;
  const trafficOf = async ({ name }: Upstream) => (await trafficIn(metrics))[name] ?? {};

  serveCollection(router, {
    path: '/upstreams',
    entities: 'upstreams',
    all,
    nameOf,
    view: (upstream) => upstreamView(upstream, context()),
  });
  serve(router, {
    path: '/upstreams/:upstream/health',
    methods: {
      get: answering(async (request) => {
        const upstream = byNameOrId(all(), nameOf, param(request, 'upstream'));
        if (upstream === undefined) return notFound;
        const peers = upstreams.named(upstream.name)?.health() ?? [];
        const view = healthView(upstream, peers, context());
        return ok({ ...view, requests_by_version: await trafficOf(upstream) });
      }),
    },
  });
  router.use(targetRouter({ keeper, context, trafficOf }));
  return router;
}
