import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { LoginAttemptRepository } from '../domain/login-attempt.repository.ts';

/**
 * A sliding window as a sorted set by time, in one atomic step. Answers -1 where the attempt is taken down,
 * else the time of the attempt that must first leave the window.
 */
const ACQUIRE_SCRIPT = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - ARGV[4])
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return -1
end
return tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2])
`;

const answer = z.number();

/** Attempts in Redis: counted over all replicas. Keys are hashed, for they hold addresses and names. */
export function createRedisLoginAttempts(redis: Redis, now: () => Date): LoginAttemptRepository {
  return {
    acquire: async (key, attempt, { max: most, windowMs }) => {
      const time = now().getTime();
      const reply = await redis.eval(ACQUIRE_SCRIPT, 1, toRedisKey(key), attempt, time, most, windowMs);
      const oldest = answer.parse(reply);
      return oldest < 0 ? undefined : oldest + windowMs - time;
    },
    release: async (key, attempt) => {
      await redis.zrem(toRedisKey(key), attempt);
    },
    clear: async (key) => {
      await redis.del(toRedisKey(key));
    },
  };
}

function toRedisKey(key: string): string {
  return `users:wrong-logins:${createHash('sha256').update(key).digest('base64url')}`;
}
