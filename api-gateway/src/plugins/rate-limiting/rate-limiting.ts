import { Gauge, type Registry } from 'prom-client';
import { redisOf } from '../redis.ts';
import type { PluginContext, PluginKind } from '../plugin.ts';
import { identifierOf } from './identifier.ts';
import { PERIOD_LIMITS, type Limit } from './limit.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { schema, type RateLimitingConfig } from './schema.ts';
import { createTally, type Tally } from './tally.ts';

/**
 * Counts every request against the limits of who makes it, and refuses what is too many. A window begins
 * with its first request. While Redis is away each gateway counts for itself, and says so.
 */
export const rateLimiting: PluginKind<RateLimitingConfig> = {
  name: 'rate-limiting',
  priority: 910,
  schema: schema.describe(
    'Counts requests, by the package express-rate-limit, and answers 429 to what is too many. A window begins with its first request; what is refused counts in none. Answers carry `RateLimit-Limit`, `-Remaining` and `-Reset`, `X-RateLimit-*-Minute` and its like, `RateLimit` and `RateLimit-Policy` (draft 8), and `Retry-After`.',
  ),
  create: (config, context) => {
    const own = config.policy === 'redis' ? redisOf(config.redis, context) : undefined;
    const tally = tallyOf(config, context, own?.redis);
    const limiterOf = ([first, ...more]: readonly Limit[]): Limiter | undefined =>
      first && createLimiter({ limits: [first, ...more], tally, config, now: context.now });
    const limits = limitsOf(config);
    const limiter = limiterOf(limits);
    const anonymous = config.anonymous_limits === undefined ? limiter : limiterOf(config.anonymous_limits);
    return {
      access: (visit) => {
        const identifier = identifierOf(visit, config);
        return (identifier.anonymous ? anonymous : limiter)?.(visit, identifier);
      },
      close: () => own?.close(),
    };
  },
};

function limitsOf(config: RateLimitingConfig): readonly Limit[] {
  const periods = PERIOD_LIMITS.flatMap(({ period, limitOf }) => {
    const requests = config[period];
    return requests === undefined ? [] : [limitOf(requests)];
  });
  return [...periods, ...(config.limits ?? [])].toSorted((one, other) => one.windowMs - other.windowMs);
}

/** Counts outlive a reload, but for one that changes where they are kept. */
function tallyOf(
  config: RateLimitingConfig,
  { name, shared, logger, metrics, now }: PluginContext,
  redis: PluginContext['redis'],
): Tally {
  const { policy, fault_tolerant: tolerant, redis: fields } = config;
  const windows = [...limitsOf(config), ...(config.anonymous_limits ?? [])]
    .map(({ windowMs }) => windowMs)
    .join();
  const options = { prefix: `gateway:limit:${name}:`, tolerant, logger, now, alone: aloneGauge(metrics) };
  if (fields.host !== undefined) return createTally({ ...options, redis });
  return shared(`tally ${[name, policy, tolerant, windows].join(' ')}`, () =>
    createTally({ ...options, redis }),
  );
}

const ALONE = 'gateway_rate_limits_counted_alone';

function aloneGauge(registry: Registry): (value: 0 | 1) => void {
  const known = registry.getSingleMetric(ALONE);
  const gauge =
    known instanceof Gauge
      ? known
      : new Gauge({
          name: ALONE,
          help: '1 while Redis is away and this gateway counts requests for itself',
          registers: [registry],
        });
  return (value) => gauge.set(value);
}
