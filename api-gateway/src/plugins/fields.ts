import { z } from 'zod';
import { refused } from '../declaration/format/values.ts';
import { HOP_BY_HOP } from '../upstream/hop-by-hop.ts';

/** A field that Kong knows and that has one value here. Any other is refused in words. */
export const only = <const Value extends string | number | boolean | null>(value: Value, why: string) =>
  z.literal(value, { error: why }).default(value);

export const realm = refused('is not told to clients: one gateway is one realm');

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Kong's rule for names of headers, which it leaves as they are written. */
export const writtenHeaderName = z.string().regex(NAME, 'must be the name of a header');

export const headerName = writtenHeaderName.transform((name) => name.toLowerCase());

/** These say where the message ends or whom it is for. */
const FRAMING = new Set(['host', 'content-length', 'trailer']);

/** Whether it is the name of a header that a configuration may set. */
export function isSettable(name: string): boolean {
  const lower = name.toLowerCase();
  return NAME.test(name) && !FRAMING.has(lower) && !HOP_BY_HOP.has(lower);
}

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
