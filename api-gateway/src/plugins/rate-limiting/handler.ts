import { Gauge, type Registry } from 'prom-client';
import { connectRedis } from '../api/redis-connection.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { getIdentifier } from './identifier.ts';
import { PERIOD_LIMITS, type RateLimit } from './parse-limits.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { schema, type RateLimitingConfig } from './schema.ts';
import { createRateLimitCounter, type RateLimitCounter } from './policies/fallback.ts';

/**
 * Counts each request against its client's limits, and refuses those above a limit. A window begins with its first
 * request. While Redis is down each gateway counts alone and logs a warning.
 */
export const rateLimiting: PluginDefinition<RateLimitingConfig> = {
  name: 'rate-limiting',
  priority: 910,
  countsAuthErrors: true,
  schema: schema.describe(
    'Limits requests, by the package express-rate-limit, and answers 429 above a limit. A window begins with its first request; refused requests do not count. Responses carry `RateLimit-Limit`, `-Remaining` and `-Reset`, `X-RateLimit-*-Minute` and so on, `RateLimit` and `RateLimit-Policy` (draft 8), and `Retry-After`.',
  ),
  create: (config, context) => {
    const own = config.policy === 'redis' ? connectRedis(config.redis, context) : undefined;
    const rateLimitCounter = createCounter(config, context, own?.redis);
    const limiterOf = ([first, ...more]: readonly RateLimit[]): Limiter | undefined =>
      first &&
      createLimiter({ limits: [first, ...more], counter: rateLimitCounter, config, now: context.now });
    const limits = collectLimits(config);
    const limiter = limiterOf(limits);
    const anonymous = config.anonymous_limits === undefined ? limiter : limiterOf(config.anonymous_limits);
    return {
      access: (requestContext) => {
        const identifier = getIdentifier(requestContext, config);
        return (identifier.anonymous ? anonymous : limiter)?.(requestContext, identifier);
      },
      close: () => own?.close(),
    };
  },
};

function collectLimits(config: RateLimitingConfig): readonly RateLimit[] {
  const periods = PERIOD_LIMITS.flatMap(({ period, limitOf }) => {
    const requests = config[period];
    return requests === undefined ? [] : [limitOf(requests)];
  });
  return [...periods, ...(config.limits ?? [])].toSorted((one, other) => one.windowMs - other.windowMs);
}

/** Counters survive a reload unless it changes their storage. */
function createCounter(
  config: RateLimitingConfig,
  { name, shared, logger, metrics, now }: PluginContext,
  redis: PluginContext['redis'],
): RateLimitCounter {
  const { policy, fault_tolerant: faultTolerant, redis: fields } = config;
  const windows = [...collectLimits(config), ...(config.anonymous_limits ?? [])]
    .map(({ windowMs }) => windowMs)
    .join();
  const options = {
    prefix: `gateway:limit:${name}:`,
    faultTolerant,
    logger,
    now,
    onFallback: fallbackGauge(metrics),
  };
  if (fields.host !== undefined) return createRateLimitCounter({ ...options, redis });
  return shared(`tally ${[name, policy, faultTolerant, windows].join(' ')}`, () =>
    createRateLimitCounter({ ...options, redis }),
  );
}

const FALLBACK_METRIC = 'gateway_rate_limits_counted_alone';

function fallbackGauge(registry: Registry): (value: 0 | 1) => void {
  const known = registry.getSingleMetric(FALLBACK_METRIC);
  const gauge =
    known instanceof Gauge
      ? known
      : new Gauge({
          name: FALLBACK_METRIC,
          help: '1 while Redis is away and this gateway counts requests for itself',
          registers: [registry],
        });
  return (value) => gauge.set(value);
}
