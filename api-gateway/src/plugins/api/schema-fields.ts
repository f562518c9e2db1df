import { z } from 'zod';

/** A field of Kong that is not supported: every value is refused with this message. */
export const unsupportedField = (message: string) => z.never({ error: message }).optional();

/** A field of Kong with one supported value. Every other is refused with this message. */
export const fixedValue = <const Value extends string | number | boolean | null>(
  value: Value,
  message: string,
) => z.literal(value, { error: message }).default(value);

export const realm = unsupportedField('is not told to clients: one gateway is one realm');

export const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Kong's rule for header names. Upper and lower case stay as written. */
export const rawHeaderName = z.string().regex(HEADER_NAME, 'must be the name of a header');

export const headerName = rawHeaderName.transform((name) => name.toLowerCase());

/** Maximum length of a body that a plugin holds in memory. */
export const maxBodyBytes = z
  .int()
  .min(1)
  .default(1_024 * 1_024);

/** The Redis of one entry. Without a host, the plugin uses the gateway's (REDIS_URL). */
export const redisSchema = z
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

export type PluginRedisConfig = z.output<typeof redisSchema>;
