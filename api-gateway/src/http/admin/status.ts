import type { Metrics } from '@plaza/service-kit';
import { Router } from 'express';
import type { Redis } from 'ioredis';
import type { Keeper } from '../../runtime/keeper.ts';
import { answering, ok } from './reply.ts';
import { serve } from './resource.ts';
import { trafficIn } from './traffic.ts';

export interface StatusOptions {
  readonly about: { readonly name: string; readonly version: string };
  readonly keeper: Keeper;
  readonly metrics: Metrics;
  readonly redis: Redis;
  readonly plugins: readonly string[];
  /** Processes on one port that are this gateway. */
  readonly workers: number;
}

/** What Kong tells of itself, and how the configuration is. */
export function statusRouter({ about, keeper, metrics, redis, plugins, workers }: StatusOptions): Router {
  const router = Router();
  const links = ['status', 'services', 'routes', 'upstreams', 'plugins', 'consumers', 'config', 'metrics'];
  const root = answering(() =>
    ok({
      tagline: 'Plaza’s gateway, with Kong’s Admin API',
      version: about.version,
      hostname: about.name,
      node: process.version,
      plugins: { available_on_server: plugins.toSorted() },
      configuration: {
        database: 'off',
        declarative_config: 'GATEWAY_CONFIG',
        router_flavor: 'traditional_compatible',
      },
      links: links.map((link) => `/${link}`),
    }),
  );
  const status = answering(async () => {
    const { rss, heapUsed } = process.memoryUsage();
    return ok({
      database: { reachable: true },
      redis: { reachable: redis.status === 'ready' },
      memory: { rss_bytes: rss, heap_used_bytes: heapUsed },
      workers,
      process: { pid: process.pid, uptime_seconds: Math.round(process.uptime()) },
      configuration_hash: keeper.read().hash,
      configuration: configurationView(keeper),
      requests_by_version: await trafficIn(metrics),
    });
  });
  serve(router, { path: '/', methods: { get: root } });
  serve(router, { path: '/status', methods: { get: status } });
  return router;
}

function configurationView(keeper: Keeper) {
  const rejected = keeper.rejected();
  return {
    source: keeper.source(),
    loaded_at: keeper.loadedAt().toISOString(),
    ...(rejected === undefined ? {} : { rejected: { ...rejected, at: rejected.at.toISOString() } }),
  };
}
