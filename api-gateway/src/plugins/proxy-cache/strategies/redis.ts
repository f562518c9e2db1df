import CachePolicy from 'http-cache-semantics';
import type { Redis } from 'ioredis';
import type { Logger } from '@plaza/service-kit';
import { z } from 'zod';
import { safeJsonParse } from '../../../util/safe-json-parse.ts';
import type { CachedResponse, CacheStore } from './index.ts';
import { cacheStoreFailed } from '../proxy-cache.log-events.ts';

const KEY_PREFIX = 'gateway:cache:';

const headSchema = z.object({
  status: z.int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  policy: z.custom<CachePolicy.CachePolicyObject>(isObject).transform(toPolicy),
});

/** Stores responses for all gateways. While Redis is down there are none. */
export function createRedisStore(redis: Redis, logger: Logger): CacheStore {
  let away = false;
  const failed = (error: unknown): undefined => {
    if (!away) logger.warn(cacheStoreFailed, { reason: String(error) });
    away = true;
  };
  return {
    get: async (key) => {
      if (redis.status !== 'ready') return undefined;
      try {
        const bytes = await redis.getBuffer(KEY_PREFIX + key);
        away = false;
        return bytes === null ? undefined : decode(bytes);
      } catch (error) {
        return failed(error);
      }
    },
    set: (key, response, forMs) => {
      if (redis.status === 'ready')
        redis.set(KEY_PREFIX + key, encode(response), 'PX', Math.ceil(forMs)).catch(failed);
    },
  };
}

/** Encodes the head as a line of JSON, followed by the body. */
function encode({ status, headers, policy, body }: CachedResponse): Buffer {
  return Buffer.concat([
    Buffer.from(`${JSON.stringify({ status, headers, policy: policy.toObject() })}\n`),
    body,
  ]);
}

function decode(bytes: Buffer): CachedResponse | undefined {
  const end = bytes.indexOf('\n');
  const read = headSchema.safeParse(safeJsonParse(bytes.subarray(0, end).toString()));
  if (!read.success) return undefined;
  return { ...read.data, body: bytes.subarray(end + 1) };
}

/** Entries of an incompatible release of the library count as missing. */
function toPolicy(kept: CachePolicy.CachePolicyObject, context: z.RefinementCtx): CachePolicy {
  try {
    return CachePolicy.fromObject(kept);
  } catch (error) {
    context.addIssue(String(error));
    return z.NEVER;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
