import type { Redis, RedisValue, Result } from 'ioredis';
import { CHANGES_SINCE, REMOVE, RENEW, SWEEP, UPSERT } from './instance.scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    registryUpsert(...args: RedisValue[]): Result<unknown, Context>;
    registryRenew(...args: RedisValue[]): Result<unknown, Context>;
    registryRemove(...args: RedisValue[]): Result<unknown, Context>;
    registryChangesSince(...args: RedisValue[]): Result<unknown, Context>;
    registrySweep(...args: RedisValue[]): Result<unknown, Context>;
  }
}

const SCRIPTS = {
  registryUpsert: UPSERT,
  registryRenew: RENEW,
  registryRemove: REMOVE,
  registryChangesSince: CHANGES_SINCE,
  registrySweep: SWEEP,
};

/** Teaches a connection the registry's scripts. They are sent by hash, and whole again after Redis lost them. */
export function defineScripts(redis: Redis): void {
  for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { numberOfKeys: 1, lua });
}
