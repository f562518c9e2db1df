import type { Metrics } from '@plaza/service-kit';
import { Router } from 'express';
import type { UpstreamEntity } from '../../kong-config/model/entities.ts';
import type { ConfigManager } from '../config-manager.ts';
import type { UpstreamRegistry } from '../../balancer/upstream-registry.ts';
import { findByNameOrId, mountEntityCollection } from './entity-collection.ts';
import { serializeUpstreamHealth } from './upstream-health.ts';
import { effectiveUpstreams } from './effective-upstreams.ts';
import { respondWith, notFound, ok, pathParam } from './responses.ts';
import { mountResource } from './mount-resource.ts';
import { targetRouter } from './targets.routes.ts';
import { readRequestCounts } from './request-counts.ts';
import { serializeUpstream, type SerializerContext } from './serializers.ts';

export interface UpstreamRouterOptions {
  readonly configManager: ConfigManager;
  readonly upstreams: UpstreamRegistry;
  readonly context: () => SerializerContext;
  readonly metrics: Metrics;
}

/** Upstreams, declared and implicit, with their health and targets. */
export function upstreamRouter({
  configManager,
  upstreams,
  context,
  metrics,
}: UpstreamRouterOptions): Router {
  const router = Router();
  const all = () => effectiveUpstreams(configManager);
  const nameOf = ({ name }: UpstreamEntity) => name;
  const requestCountsOf = async ({ name }: UpstreamEntity) => (await readRequestCounts(metrics))[name] ?? {};

  mountEntityCollection(router, {
    path: '/upstreams',
    entities: 'upstreams',
    list: all,
    nameOf,
    serialize: (upstream) => serializeUpstream(upstream, context()),
  });
  mountResource(router, {
    path: '/upstreams/:upstream/health',
    methods: {
      get: respondWith(async (request) => {
        const upstream = findByNameOrId(all(), nameOf, pathParam(request, 'upstream'));
        if (upstream === undefined) return notFound;
        const endpoints = upstreams.get(upstream.name)?.health() ?? [];
        const view = serializeUpstreamHealth(upstream, endpoints, context());
        return ok({ ...view, requests_by_version: await requestCountsOf(upstream) });
      }),
    },
  });
  router.use(targetRouter({ configManager, context, requestCountsOf }));
  return router;
}
