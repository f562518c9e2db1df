import { z } from 'zod';
import { headerName, fixedValue } from '../api/schema-fields.ts';

const seconds = z.number().min(0.001).max(1_000_000);

const queue = z
  .strictObject({
    max_batch_size: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Entries in one request; more than 1 are sent as a list'),
    max_coalescing_delay: z
      .number()
      .min(0)
      .max(3_600)
      .default(1)
      .describe('Seconds that an entry waits for further entries'),
    max_entries: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Entries that wait at most; then the oldest are dropped'),
    max_bytes: z
      .int()
      .min(1)
      .default(64 * 1_024 * 1_024),
    max_retry_time: z.number().min(0).default(60).describe('Seconds after which a batch is dropped'),
    initial_retry_delay: seconds.default(0.01),
    max_retry_delay: seconds.default(60),
    concurrency_limit: fixedValue(1, 'must be 1: entries are sent in order'),
  })
  .prefault({});

const REMOVED_FIELD = 'is not a field any more: use queue';

export const schema = z.strictObject({
  http_endpoint: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a URL of http or https'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  content_type: z.enum(['application/json', 'application/json; charset=utf-8']).default('application/json'),
  timeout: z.int().min(1).default(10_000).describe('Milliseconds'),
  keepalive: fixedValue(60_000, 'must be 60000: Node decides how long connections stay open'),
  headers: z
    .record(headerName, z.string())
    .default({})
    .refine(
      (headers) => !Object.keys(headers).some((name) => RESERVED_HEADERS.has(name)),
      'cannot have host, content-length or content-type',
    ),
  queue,
  retry_count: z.never({ error: REMOVED_FIELD }).optional(),
  queue_size: z.never({ error: REMOVED_FIELD }).optional(),
  flush_timeout: z.never({ error: REMOVED_FIELD }).optional(),
  custom_fields_by_lua: fixedValue(null, 'is not supported: this gateway runs no Lua'),
});

const RESERVED_HEADERS = new Set(['host', 'content-length', 'content-type']);

export type HttpLogConfig = z.output<typeof schema>;
