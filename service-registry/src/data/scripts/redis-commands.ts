import { readFileSync } from 'node:fs';
import type { Redis, RedisValue, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    registryUpsert(...args: RedisValue[]): Result<unknown, Context>;
    registryRenew(...args: RedisValue[]): Result<unknown, Context>;
    registryRemove(...args: RedisValue[]): Result<unknown, Context>;
    registryReportCheck(...args: RedisValue[]): Result<unknown, Context>;
    registryOverride(...args: RedisValue[]): Result<unknown, Context>;
    registryChangesSince(...args: RedisValue[]): Result<unknown, Context>;
    registryExpire(...args: RedisValue[]): Result<unknown, Context>;
  }
}

/** The scripts, read at the start; each begins with the files that it shares with others. */
const SCRIPTS = {
  registryUpsert: readScript('common', 'upsert'),
  registryRenew: readScript('common', 'find-instance', 'renew'),
  registryRemove: readScript('common', 'find-instance', 'remove'),
  registryOverride: readScript('common', 'find-instance', 'override'),
  registryReportCheck: readScript('common', 'report-check'),
  registryChangesSince: readScript('common', 'changes-since'),
  registryExpire: readScript('common', 'expire'),
};

/**
 * Defines the scripts as commands of a connection. ioredis sends them by hash, and in full after Redis has lost them.
 */
export function defineScripts(redis: Redis): void {
  for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
}

function readScript(...names: readonly string[]): string {
  return names.map((name) => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8')).join('\n');
}
