import type { Redis } from 'ioredis';
import { z } from 'zod';
import { SHARE, type Taken, type Taking } from './counters.ts';

/**
 * Takes places for several clients in one call, for each in all of its windows or in none. A window begins with its
 * first request. KEYS: a counter for each window of each client. ARGV: share, and in JSON a list of the clients, each
 * with its demand, the extra, and a list of limit, length and refund of each window. Returns a list in JSON: of each
 * client what was granted, then of each window what is used and the milliseconds until it ends. Numbers in one text
 * cost the gateway less than each as a word of Redis' protocol.
 */
const TAKE = `
local share, key, answer = tonumber(ARGV[1]), 0, {}
for _, taking in ipairs(cjson.decode(ARGV[2])) do
  local demand, extra, windows = taking[1], taking[2], taking[3]
  local room, counts, ends = math.huge, {}, {}
  local many = #windows / 3
  for i = 1, many do
    local limit, refund = windows[i * 3 - 2], windows[i * 3]
    ends[i] = redis.call('PTTL', KEYS[key + i])
    counts[i] = 0
    if ends[i] > 0 then counts[i] = math.max(0, tonumber(redis.call('GET', KEYS[key + i])) - refund) end
    room = math.min(room, limit - counts[i])
  end
  local granted = math.max(0, math.min(demand, room))
  if granted == demand then
    granted = granted + math.max(0, math.min(extra, math.floor((room - demand) / share)))
  end
  answer[#answer + 1] = granted
  for i = 1, many do
    local length = windows[i * 3 - 1]
    local count = counts[i] + granted
    if ends[i] > 0 then
      redis.call('SET', KEYS[key + i], count, 'KEEPTTL')
    else
      ends[i] = length
      if count > 0 then redis.call('SET', KEYS[key + i], count, 'PX', length) end
    end
    answer[#answer + 1] = count
    answer[#answer + 1] = ends[i]
  end
  key = key + many
end
return cjson.encode(answer)
`;

/** Clients in one call at most: Redis does nothing else meanwhile. */
const MOST_AT_ONCE = 100;

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

  async function takeTogether(takings: readonly Taking[]): Promise<readonly Taken[]> {
    const keys: string[] = [];
    const asked = takings.map(({ key, limits, demand, extra, refunds }) => {
      const windows: number[] = [];
      for (const [index, { requests, windowMs }] of limits.entries()) {
        keys.push(`${prefix}{${key}}:${windowMs}`);
        windows.push(requests, windowMs, refunds[index] ?? 0);
      }
      return [demand, extra, windows];
    });
    const reply = numbersOf(await run(keys.length, [...keys, SHARE, JSON.stringify(asked)]));
    const at = now();
    let next = 0;
    const read = () => reply[next++] ?? 0;
    return takings.map(({ limits }) => {
      const taken = { granted: read(), used: new Array<number>(), resetAt: new Array<number>() };
      for (const _limit of limits) {
        taken.used.push(read());
        taken.resetAt.push(at + read());
      }
      return taken;
    });
  }

  return async (takings: readonly Taking[]): Promise<readonly Taken[]> => {
    if (takings.length <= MOST_AT_ONCE) return takeTogether(takings);
    const parts = Array.from({ length: Math.ceil(takings.length / MOST_AT_ONCE) }, (_, part) =>
      takeTogether(takings.slice(part * MOST_AT_ONCE, (part + 1) * MOST_AT_ONCE)),
    );
    return (await Promise.all(parts)).flat();
  };
}

function numbersOf(reply: unknown): readonly number[] {
  const list: unknown = typeof reply === 'string' ? JSON.parse(reply) : undefined;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'number'))
    throw new TypeError('Redis answers with no list of numbers');
  return list;
}
