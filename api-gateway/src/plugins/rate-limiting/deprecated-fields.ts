import { z } from 'zod';
import type { PluginRedisConfig } from '../api/schema-fields.ts';

/** Kong's field names before 3.6. Its dumps have them beside the new ones. */
const RENAMED_FIELDS = {
  redis_host: 'host',
  redis_port: 'port',
  redis_timeout: 'timeout',
  redis_username: 'username',
  redis_password: 'password',
  redis_database: 'database',
  redis_ssl: 'ssl',
  redis_ssl_verify: 'ssl_verify',
  redis_server_name: 'server_name',
} as const satisfies Readonly<Record<string, keyof PluginRedisConfig>>;

const deprecatedField = z.unknown().optional().meta({ deprecated: true });

export const deprecatedRedisFields = {
  redis_host: deprecatedField,
  redis_port: deprecatedField,
  redis_timeout: deprecatedField,
  redis_username: deprecatedField,
  redis_password: deprecatedField,
  redis_database: deprecatedField,
  redis_ssl: deprecatedField,
  redis_ssl_verify: deprecatedField,
  redis_server_name: deprecatedField,
};

type DeprecatedRedisFields = z.output<z.ZodObject<typeof deprecatedRedisFields>>;

/** Old fields whose value the new field does not have: each with its new path. */
export function deprecatedOnlyValues(config: DeprecatedRedisFields & { readonly redis: PluginRedisConfig }) {
  return Object.entries(RENAMED_FIELDS).flatMap(([name, renamed]) => {
    const said = Object.entries(config).find(([field]) => field === name)?.[1];
    return said === undefined || said === config.redis[renamed] ? [] : [[name, `redis.${renamed}`] as const];
  });
}
