import type { Redis } from 'ioredis';
import { z } from 'zod';
import { SHARE, type Taken, type Taking } from './counters.ts';

/**
 * Takes places in all windows of a client or in none, in one call. A window begins with its first request.
 * KEYS: a counter for each window. ARGV: demand, extra, share; then limit, length and refund of each window.
 * Returns what was granted, then of each window what is used and the milliseconds until it ends.
 */
const TAKE = `
local demand, extra, share = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local room, counts, ends = math.huge, {}, {}
for i = 1, #KEYS do
  local limit, refund = tonumber(ARGV[i * 3 + 1]), tonumber(ARGV[i * 3 + 3])
  ends[i] = redis.call('PTTL', KEYS[i])
  counts[i] = 0
  if ends[i] > 0 then counts[i] = math.max(0, tonumber(redis.call('GET', KEYS[i])) - refund) end
  room = math.min(room, limit - counts[i])
end
local granted = math.max(0, math.min(demand, room))
if granted == demand then
  granted = granted + math.max(0, math.min(extra, math.floor((room - demand) / share)))
end
local answer = { granted }
for i = 1, #KEYS do
  local length = tonumber(ARGV[i * 3 + 2])
  local count = counts[i] + granted
  if ends[i] > 0 then
    redis.call('SET', KEYS[i], count, 'KEEPTTL')
  else
    ends[i] = length
    if count > 0 then redis.call('SET', KEYS[i], count, 'PX', length) end
  end
  answer[#answer + 1] = count
  answer[#answer + 1] = ends[i]
end
return answer
`;

/** Counts that all gateways share. @throws while Redis is away. */
export function createRedisCounters(redis: Redis, prefix: string, now: () => number) {
  const load = async () => z.string().parse(await redis.script('LOAD', TAKE));
  let script: Promise<string> | undefined;

  /** A Redis that was restarted knows no scripts any more. */
  async function run(keys: number, args: readonly (string | number)[]): Promise<unknown> {
    script ??= load();
    try {
      return await redis.evalsha(await script, keys, ...args);
    } catch (error) {
      script = undefined;
      if (!Error.isError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(TAKE, keys, ...args);
    }
  }

  return async ({ key, limits, demand, extra, refunds }: Taking): Promise<Taken> => {
    const keys = limits.map(({ windowMs }) => `${prefix}{${key}}:${windowMs}`);
    const args = limits.flatMap(({ requests, windowMs }, index) => [requests, windowMs, refunds[index] ?? 0]);
    const reply = numbersOf(await run(keys.length, [...keys, demand, extra, SHARE, ...args]));
    const at = now();
    return {
      granted: reply[0] ?? 0,
      used: limits.map((_limit, index) => reply[index * 2 + 1] ?? 0),
      resetAt: limits.map((_limit, index) => at + (reply[index * 2 + 2] ?? 0)),
    };
  };
}

function numbersOf(reply: unknown): readonly number[] {
  if (!Array.isArray(reply) || !reply.every((one) => typeof one === 'number'))
    throw new TypeError('Redis answers with no list of numbers');
  return reply;
}
