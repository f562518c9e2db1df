import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { connectRedis } from '../api/redis-connection.ts';
import { createResponseCache } from './response-cache.ts';
import { schema, type ProxyCacheConfig } from './schema.ts';
import { createMemoryStore } from './strategies/memory.ts';
import { createRedisStore } from './strategies/redis.ts';
import type { CacheStore } from './strategies/index.ts';

/** Serves cached responses, and stale ones if the service fails. */
export const proxyCache: PluginDefinition<ProxyCacheConfig> = {
  name: 'proxy-cache',
  priority: 100,
  schema: schema.describe(
    'Caches responses of the service. `X-Cache-Status` is Hit, Miss, Refresh, Bypass or Stale; `X-Cache` is the same as HIT, MISS, BYPASS or STALE. Stale is an expired response that replaces the one of a service that is unreachable or answers 500, 502, 503 or 504; `storage_ttl` says how long it is kept. The cache key includes host and protocol; writes do not invalidate the cache. Responses with `no-store`, `private` or a cookie are never cached. A response to a request with credentials is served to the same credentials only, unless it is `public`.',
  ),
  create: (config, context) => {
    const own = config.strategy === 'redis' ? connectRedis(config.redis, context) : undefined;
    const cache = createResponseCache(config, createStore(config, context, own?.redis), context.now);
    return { ...cache, close: () => own?.close() };
  },
};

/** The memory cache survives a reload. */
function createStore(
  config: ProxyCacheConfig,
  context: PluginContext,
  redis: PluginContext['redis'],
): CacheStore {
  const { name, shared, now, logger } = context;
  if (redis !== undefined) return createRedisStore(redis, logger);
  const { max_bytes } = config.memory;
  return shared(`store ${name} ${max_bytes}`, () => createMemoryStore(max_bytes, now));
}
