import type { Metrics } from '@plaza/service-kit';
import { Router } from 'express';
import type { Redis } from 'ioredis';
import type { ConfigManager } from '../config-manager.ts';
import { respondWith, ok } from './responses.ts';
import { mountResource } from './mount-resource.ts';
import { readRequestCounts } from './request-counts.ts';

export interface StatusOptions {
  readonly about: { readonly name: string; readonly version: string };
  readonly configManager: ConfigManager;
  readonly metrics: Metrics;
  readonly redis: Redis;
  readonly plugins: readonly string[];
  /** Worker processes of this gateway. */
  readonly workers: number;
}

/** Kong's information about the node, and the state of the configuration. */
export function statusRouter({
  about,
  configManager,
  metrics,
  redis,
  plugins,
  workers,
}: StatusOptions): Router {
  const router = Router();
  const links = ['status', 'services', 'routes', 'upstreams', 'plugins', 'consumers', 'config', 'metrics'];
  const root = respondWith(() =>
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
  const status = respondWith(async () => {
    const { rss, heapUsed } = process.memoryUsage();
    return ok({
      database: { reachable: true },
      redis: { reachable: redis.status === 'ready' },
      memory: { rss_bytes: rss, heap_used_bytes: heapUsed },
      workers,
      process: { pid: process.pid, uptime_seconds: Math.round(process.uptime()) },
      configuration_hash: configManager.current().hash,
      configuration: serializeConfigState(configManager),
      requests_by_version: await readRequestCounts(metrics),
    });
  });
  mountResource(router, { path: '/', methods: { get: root } });
  mountResource(router, { path: '/status', methods: { get: status } });
  return router;
}

function serializeConfigState(configManager: ConfigManager) {
  const rejected = configManager.lastRejected();
  return {
    source: configManager.source(),
    loaded_at: configManager.loadedAt().toISOString(),
    ...(rejected === undefined ? {} : { rejected: { ...rejected, at: rejected.at.toISOString() } }),
  };
}
