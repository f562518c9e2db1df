import { Unavailable } from '@plaza/errors';
import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { createMemoryCounters } from './counters.memory.ts';
import { createRedisCounters } from './counters.redis.ts';
import { createLeases, type Spent } from './leases.ts';
import type { Limit } from './limit.ts';

/** Counts requests: in Redis for all gateways, else by this process alone. */
export interface Tally {
  spend(key: string, limits: readonly Limit[]): Spent | Promise<Spent>;
}

export interface TallyOptions {
  /** Undefined: this process counts alone. */
  readonly redis: Redis | undefined;
  /** What the keys in Redis begin with. */
  readonly prefix: string;
  /** Whether requests are counted here while Redis is away, instead of refused. */
  readonly tolerant: boolean;
  readonly logger: Logger;
  /** Told 1 while this process counts alone against its will, and 0 again. */
  readonly alone: (value: 0 | 1) => void;
  readonly now: () => number;
}

/** Milliseconds for which a Redis that failed is left alone: one that hangs must not hold up every request. */
const LEFT_ALONE_MS = 1_000;

export function createTally(options: TallyOptions): Tally {
  const { redis, prefix, tolerant, logger, now } = options;
  const local = createMemoryCounters(now);
  const spendLocally = (key: string, limits: readonly Limit[]): Spent => {
    const counted = local(key, limits);
    return { ...counted, granted: counted.granted === 1 };
  };
  if (redis === undefined) return { spend: spendLocally };

  const leased = createLeases(createRedisCounters(redis, prefix, now), now);
  let away = false;
  let leftAloneUntil = 0;

  function withoutRedis(key: string, limits: readonly Limit[], reason: string): Spent {
    if (!away) {
      logger.warn('rate limits are counted by this gateway alone until Redis is back', { reason });
      options.alone(1);
    }
    away = true;
    if (!tolerant) throw new Unavailable('Requests cannot be counted at the moment.', { retryAfter: 2 });
    return spendLocally(key, limits);
  }

  async function spendShared(
    key: string,
    limits: readonly Limit[],
    spending: Promise<Spent>,
  ): Promise<Spent> {
    try {
      const spent = await spending;
      if (away) {
        logger.info('rate limits are counted in Redis again');
        options.alone(0);
      }
      away = false;
      return spent;
    } catch (error) {
      leftAloneUntil = now() + LEFT_ALONE_MS;
      return withoutRedis(key, limits, String(error));
    }
  }

  return {
    spend: (key, limits) => {
      if (redis.status !== 'ready') return withoutRedis(key, limits, 'it is not connected');
      if (now() < leftAloneUntil) return withoutRedis(key, limits, 'it failed a moment ago');
      const spending = leased(key, limits);
      return spending instanceof Promise ? spendShared(key, limits, spending) : spending;
    },
  };
}
