import type { Redis, RedisValue, Result } from 'ioredis';
import { CHANGES_SINCE } from './changes-since.ts';
import { SWEEP } from './sweep.ts';
import { UPSERT } from './upsert.ts';
import { OVERRIDE, REMOVE, RENEW, REPORT } from './writes.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    registryUpsert(...args: RedisValue[]): Result<unknown, Context>;
    registryRenew(...args: RedisValue[]): Result<unknown, Context>;
    registryRemove(...args: RedisValue[]): Result<unknown, Context>;
    registryReport(...args: RedisValue[]): Result<unknown, Context>;
    registryOverride(...args: RedisValue[]): Result<unknown, Context>;
    registryChangesSince(...args: RedisValue[]): Result<unknown, Context>;
    registrySweep(...args: RedisValue[]): Result<unknown, Context>;
  }
}

const SCRIPTS = {
  registryUpsert: UPSERT,
  registryRenew: RENEW,
  registryRemove: REMOVE,
  registryReport: REPORT,
  registryOverride: OVERRIDE,
  registryChangesSince: CHANGES_SINCE,
  registrySweep: SWEEP,
};

/** Teaches a connection the registry's scripts. They are sent by hash, and whole again after Redis lost them. */
export function defineScripts(redis: Redis): void {
  for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
}
