import { setCommandTimeout } from '@plaza/service-kit/redis';
import { Redis } from 'ioredis';
import type { PluginRedisConfig } from './schema-fields.ts';
import type { PluginContext } from './plugin.ts';
import { pluginRedisLost } from './plugin.log-events.ts';

export interface PluginRedisConnection {
  /** Undefined if neither the entry nor the gateway has one. */
  readonly redis: Redis | undefined;
  /** Closes the entry's own connection; the gateway's stays open. */
  close(): void;
}

/** Connects to the Redis of the entry's configuration, or else uses the gateway's. Commands fail at once while Redis is down. */
export function connectRedis(
  fields: PluginRedisConfig,
  { redis, logger, name }: PluginContext,
): PluginRedisConnection {
  if (fields.host === undefined) return { redis, close: () => undefined };
  const own = new Redis({
    host: fields.host,
    port: fields.port,
    db: fields.database,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    ...(fields.username === undefined ? {} : { username: fields.username }),
    ...(fields.password === undefined ? {} : { password: fields.password }),
    ...(fields.ssl ? { tls: toTlsOptions(fields) } : {}),
  });
  setCommandTimeout(own, fields.timeout);
  let away = false;
  own.on('error', (error: unknown) => {
    if (!away) logger.warn(pluginRedisLost, { plugin: name, reason: String(error) });
    away = true;
  });
  own.on('ready', () => {
    away = false;
  });
  return { redis: own, close: () => own.disconnect() };
}

function toTlsOptions({ ssl_verify, server_name }: PluginRedisConfig): {
  rejectUnauthorized: boolean;
  servername?: string;
} {
  return {
    rejectUnauthorized: ssl_verify,
    ...(server_name === undefined ? {} : { servername: server_name }),
  };
}
