import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { LEASE_SHARE, type PermitGrant, type PermitRequest } from './usage.ts';

const ACQUIRE_SCRIPT = readFileSync(new URL('../rate-limit.lua', import.meta.url), 'utf8');

/** Clients in one call at most: Redis runs no other command during a script. */
const MAX_BATCH_SIZE = 100;

/** Counters that all gateways share. @throws while Redis is down. */
export function createRedisCounters(redis: Redis, prefix: string, now: () => number) {
  const load = async () => z.string().parse(await redis.script('LOAD', ACQUIRE_SCRIPT));
  let script: Promise<string> | undefined;

  /** After a restart of Redis its script cache is empty: the script is then sent whole. */
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
    const clients = permitRequests.map(({ key, limits, demand, extra, refunds }) => {
      const windows: number[] = [];
      for (const [index, { requests, windowMs }] of limits.entries()) {
        keys.push(`${prefix}{${key}}:${windowMs}`);
        windows.push(requests, windowMs, refunds[index] ?? 0);
      }
      return [demand, extra, windows];
    });
    const reply = parseNumbers(await run(keys.length, [...keys, LEASE_SHARE, JSON.stringify(clients)]));
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
    throw new TypeError('the reply of Redis is no list of numbers');
  return list;
}
