import { Unavailable } from '@plaza/errors';
import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { createLocalCounters } from './local.ts';
import { createRedisCounters } from './redis.ts';
import { createTokenLeasing, type RateLimitDecision } from '../token-leasing.ts';
import type { RateLimit } from '../parse-limits.ts';
import { rateLimitDegraded, rateLimitRestored } from '../rate-limiting.log-events.ts';

/** Counts requests in Redis for all gateways, or else in this process alone. */
export interface RateLimitCounter {
  acquire(key: string, limits: readonly RateLimit[]): RateLimitDecision | Promise<RateLimitDecision>;
}

export interface RateLimitCounterOptions {
  /** Undefined if this process counts alone. */
  readonly redis: Redis | undefined;
  /** Prefix of the keys in Redis. */
  readonly prefix: string;
  /** True counts in this process while Redis is down; false refuses all requests. */
  readonly faultTolerant: boolean;
  readonly logger: Logger;
  /** Called with 1 when the fallback to this process begins, with 0 when it ends. */
  readonly onFallback: (value: 0 | 1) => void;
  readonly now: () => number;
}

/** Milliseconds without a Redis call after a failure, so that a hanging Redis does not delay every request. */
const REDIS_RETRY_MS = 1_000;

export function createRateLimitCounter(options: RateLimitCounterOptions): RateLimitCounter {
  const { redis, prefix, faultTolerant, logger, now } = options;
  const local = createLocalCounters(now);
  const acquireLocally = (key: string, limits: readonly RateLimit[]): RateLimitDecision => {
    const counted = local(key, limits);
    return { ...counted, granted: counted.granted === 1 };
  };
  if (redis === undefined) return { acquire: acquireLocally };

  const acquireLeased = createTokenLeasing(createRedisCounters(redis, prefix, now), now);
  let away = false;
  let retryAt = 0;

  function withoutRedis(key: string, limits: readonly RateLimit[], reason: string): RateLimitDecision {
    if (!away) {
      logger.warn(rateLimitDegraded, { reason });
      options.onFallback(1);
    }
    away = true;
    if (!faultTolerant)
      throw new Unavailable('Requests cannot be counted at the moment.', {
        reason: 'dependency_down',
        ownDependency: 'redis',
        retryAfter: 2,
      });
    return acquireLocally(key, limits);
  }

  async function acquireShared(
    key: string,
    limits: readonly RateLimit[],
    pending: Promise<RateLimitDecision>,
  ): Promise<RateLimitDecision> {
    try {
      const decision = await pending;
      if (away) {
        logger.info(rateLimitRestored);
        options.onFallback(0);
      }
      away = false;
      return decision;
    } catch (error) {
      retryAt = now() + REDIS_RETRY_MS;
      return withoutRedis(key, limits, String(error));
    }
  }

  return {
    acquire: (key, limits) => {
      if (redis.status !== 'ready') return withoutRedis(key, limits, 'it is not connected');
      if (now() < retryAt) return withoutRedis(key, limits, 'it failed a moment ago');
      const pending = acquireLeased(key, limits);
      return pending instanceof Promise ? acquireShared(key, limits, pending) : pending;
    },
  };
}
