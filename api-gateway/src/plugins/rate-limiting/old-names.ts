import { z } from 'zod';
import type { RedisFields } from '../fields.ts';

/** Kong's names of before 3.6, which its dumps have beside the new ones. */
const NEW_NAMES = {
  redis_host: 'host',
  redis_port: 'port',
  redis_timeout: 'timeout',
  redis_username: 'username',
  redis_password: 'password',
  redis_database: 'database',
  redis_ssl: 'ssl',
  redis_ssl_verify: 'ssl_verify',
  redis_server_name: 'server_name',
} as const satisfies Readonly<Record<string, keyof RedisFields>>;

const old = z.unknown().optional().meta({ deprecated: true });

export const oldRedisNames = {
  redis_host: old,
  redis_port: old,
  redis_timeout: old,
  redis_username: old,
  redis_password: old,
  redis_database: old,
  redis_ssl: old,
  redis_ssl_verify: old,
  redis_server_name: old,
};

type OldRedisNames = z.output<z.ZodObject<typeof oldRedisNames>>;

/** What the old names say and the new ones do not: each field, and where to say it. */
export function saidByOldNamesAlone(config: OldRedisNames & { readonly redis: RedisFields }) {
  return Object.entries(NEW_NAMES).flatMap(([name, renamed]) => {
    const said = Object.entries(config).find(([field]) => field === name)?.[1];
    return said === undefined || said === config.redis[renamed] ? [] : [[name, `redis.${renamed}`] as const];
  });
}
