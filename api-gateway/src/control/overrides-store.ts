import type { Redis } from 'ioredis';

const OVERRIDES_KEY = 'gateway:settings';
const VERSION_KEY = 'gateway:settings:version';

/** Restores all fields, unless another process has done so. */
const RESTORE_SCRIPT = `
if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('SET', KEYS[2], ARGV[1] + 1)
return 1`;

/**
 * The overrides in Redis: a hash, and a version that each change increments. Rejects if Redis is unavailable.
 */
export interface OverridesStore {
  isAvailable(): boolean;
  /** 0 if nothing was ever set. */
  version(): Promise<number>;
  read(): Promise<{ readonly version: number; readonly fields: Map<string, string> }>;
  /** undefined removes a field. */
  write(changes: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** Restores the fields of a version if Redis has an older one. Resolves with whether it did. */
  restore(fields: ReadonlyMap<string, string>, version: number): Promise<boolean>;
}

export function createOverridesStore(redis: Redis): OverridesStore {
  const version = async () => Number((await redis.get(VERSION_KEY)) ?? 0);
  return {
    isAvailable: () => redis.status === 'ready',
    version,
    read: async () => {
      const [latest, all] = await Promise.all([version(), redis.hgetall(OVERRIDES_KEY)]);
      return { version: latest, fields: new Map(Object.entries(all)) };
    },
    write: async (changes) => {
      const transaction = redis.multi();
      for (const [field, value] of changes) {
        if (value === undefined) transaction.hdel(OVERRIDES_KEY, field);
        else transaction.hset(OVERRIDES_KEY, field, value);
      }
      transaction.incr(VERSION_KEY);
      await transaction.exec();
    },
    restore: async (fields, known) =>
      (await redis.eval(RESTORE_SCRIPT, 2, OVERRIDES_KEY, VERSION_KEY, known, ...[...fields].flat())) === 1,
  };
}
