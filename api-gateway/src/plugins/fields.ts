import { z } from 'zod';

/** A field that Kong knows and that has one value here. Any other is refused in words. */
export const only = <const Value extends string | number | boolean | null>(value: Value, why: string) =>
  z.literal(value, { error: why }).default(value);

/** Kong's rule for names of headers. */
export const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header')
  .transform((name) => name.toLowerCase());

/** How long a body may be that is kept in memory. */
export const maxBodyBytes = z
  .int()
  .min(1)
  .default(1_024 * 1_024);

/** `host:port` of a Redis of one's own; without a host, the gateway's (REDIS_URL) is used. */
export const redisFields = z
  .strictObject({
    host: z.string().min(1).optional().describe('Without one, the gateway’s own Redis: REDIS_URL'),
    port: z.int().min(1).max(65_535).default(6379),
    timeout: z.int().min(1).max(60_000).default(2_000).describe('Milliseconds that a command may take'),
    username: z.string().optional(),
    password: z.string().optional(),
    database: z.int().min(0).default(0),
    ssl: z.boolean().default(false),
    ssl_verify: z.boolean().default(false),
    server_name: z.string().optional().describe('The name that its certificate must have (SNI)'),
  })
  .prefault({});

export type RedisFields = z.output<typeof redisFields>;
