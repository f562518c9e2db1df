import { z } from 'zod';
import { unsupportedField } from '../../kong-config/schema/common.ts';
import { HOP_BY_HOP } from '../../transport/hop-by-hop.ts';

/** A field that Kong knows and that has one value here. Any other is refused in words. */
export const fixedValue = <const Value extends string | number | boolean | null>(value: Value, why: string) =>
  z.literal(value, { error: why }).default(value);

export const realm = unsupportedField('is not told to clients: one gateway is one realm');

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Kong's rule for names of headers, which it leaves as they are written. */
export const rawHeaderName = z.string().regex(HEADER_NAME, 'must be the name of a header');

export const headerName = rawHeaderName.transform((name) => name.toLowerCase());

/** These say where the message ends or whom it is for. */
const FRAMING_HEADERS = new Set(['host', 'content-length', 'trailer']);

/** Whether it is the name of a header that a configuration may set. */
export function isSettableHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return HEADER_NAME.test(name) && !FRAMING_HEADERS.has(lower) && !HOP_BY_HOP.has(lower);
}

/** How long a body may be that is kept in memory. */
export const maxBodyBytes = z
  .int()
  .min(1)
  .default(1_024 * 1_024);

/** `host:port` of a Redis of one's own; without a host, the gateway's (REDIS_URL) is used. */
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
