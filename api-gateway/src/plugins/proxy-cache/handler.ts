import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { connectRedis } from '../api/redis-connection.ts';
import { createResponseCache } from './response-cache.ts';
import { schema, type ProxyCacheConfig } from './schema.ts';
import { createMemoryStore } from './strategies/memory.ts';
import { createRedisStore } from './strategies/redis.ts';
import type { CacheStore } from './strategies/index.ts';

/** Answers with what services have answered before; with an old answer where they fail. */
export const proxyCache: PluginDefinition<ProxyCacheConfig> = {
  name: 'proxy-cache',
  priority: 100,
  schema: schema.describe(
    'Answers from what the service has answered before. `X-Cache-Status` is Hit, Miss, Refresh, Bypass or Stale; `X-Cache` the same as HIT, MISS, BYPASS or STALE. Stale is an answer older than its time that stands in for a service that is away, or answers 500, 502, 503 or 504; `storage_ttl` says how long there is one. Answers differ by host and protocol, and nothing that is written makes one older. What says `no-store` or `private` or sets a cookie is never kept, and what was answered to credentials is for them alone, unless it is `public`.',
  ),
  create: (config, context) => {
    const own = config.strategy === 'redis' ? connectRedis(config.redis, context) : undefined;
    const cache = createResponseCache(config, createStore(config, context, own?.redis), context.now);
    return { ...cache, close: () => own?.close() };
  },
};

/** What is in memory outlives a reload. */
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
