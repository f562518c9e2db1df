import type { Redis } from 'ioredis';
import { z } from 'zod';
import { LEASE_SHARE, type PermitGrant, type PermitRequest } from './usage.ts';

/**
 * Takes places for several clients in one call, for each in all of its windows or in none. A window begins with its
 * first request. KEYS: a counter for each window of each client. ARGV: share, and in JSON a list of the clients, each
 * with its demand, the extra, and a list of limit, length and refund of each window. Returns a list in JSON: of each
 * client what was granted, then of each window what is used and the milliseconds until it ends. Numbers in one text
 * cost the gateway less than each as a word of Redis' protocol.
 */
const ACQUIRE_SCRIPT = `
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
const MAX_BATCH_SIZE = 100;

/** Counts that all gateways share. @throws while Redis is away. */
export function createRedisCounters(redis: Redis, prefix: string, now: () => number) {
  const load = async () => z.string().parse(await redis.script('LOAD', ACQUIRE_SCRIPT));
  let script: Promise<string> | undefined;

  /** A Redis that was restarted knows no scripts any more. */
  async function run(keys: number, args: readonly (string | number)[]): Promise<unknown> {
    script ??= load();
    try {
      return await redis.evalsha(await script, keys, ...args);
    } catch (error) {
      script = undefined;
      if (!Error.isError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(ACQUIRE_SCRIPT, keys, ...args);
    }
  }

  async function acquireBatch(permitRequests: readonly PermitRequest[]): Promise<readonly PermitGrant[]> {
    const keys: string[] = [];
    const asked = permitRequests.map(({ key, limits, demand, extra, refunds }) => {
      const windows: number[] = [];
      for (const [index, { requests, windowMs }] of limits.entries()) {
        keys.push(`${prefix}{${key}}:${windowMs}`);
        windows.push(requests, windowMs, refunds[index] ?? 0);
      }
      return [demand, extra, windows];
    });
    const reply = parseNumbers(await run(keys.length, [...keys, LEASE_SHARE, JSON.stringify(asked)]));
    const at = now();
    let next = 0;
    const read = () => reply[next++] ?? 0;
    return permitRequests.map(({ limits }) => {
      const grant = { granted: read(), used: new Array<number>(), resetAt: new Array<number>() };
      for (const _limit of limits) {
        grant.used.push(read());
        grant.resetAt.push(at + read());
      }
      return grant;
    });
  }

  return async (permitRequests: readonly PermitRequest[]): Promise<readonly PermitGrant[]> => {
    if (permitRequests.length <= MAX_BATCH_SIZE) return acquireBatch(permitRequests);
    const parts = Array.from({ length: Math.ceil(permitRequests.length / MAX_BATCH_SIZE) }, (_, part) =>
      acquireBatch(permitRequests.slice(part * MAX_BATCH_SIZE, (part + 1) * MAX_BATCH_SIZE)),
    );
    return (await Promise.all(parts)).flat();
  };
}

function parseNumbers(reply: unknown): readonly number[] {
  const list: unknown = typeof reply === 'string' ? JSON.parse(reply) : undefined;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'number'))
    throw new TypeError('Redis answers with no list of numbers');
  return list;
}
