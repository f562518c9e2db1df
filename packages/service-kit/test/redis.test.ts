import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import { isRedisOutage, setCommandTimeout } from '../src/redis.ts';

const LIMIT_MS = 50;

let redis: Redis;
let another: Redis;
beforeAll(async () => {
  const { url } = await testRedis();
  redis = new Redis(url);
  another = new Redis(url);
  await redis.ping();
  setCommandTimeout(redis, LIMIT_MS);
});
afterAll(() => {
  redis.disconnect();
  another.disconnect();
});

/** This process does nothing else for so long. */
function standStill(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
}

describe('a command that is limited', () => {
  test('ends when Redis is late, as one that says that Redis is away', async () => {
    const error: unknown = await redis.blpop('empty', 5).catch((failure: unknown) => failure);
    expect(isRedisOutage(error)).toBe(true);
    await another.lpush('empty', 'ends the blocking command');
  });

  test('gives what Redis has answered while this process stood still', async () => {
    const answer = redis.echo('in time');
    standStill(20 * LIMIT_MS);
    await expect(answer).resolves.toBe('in time');
  });
});
