import { z } from 'zod';
import { headerName, maxBodyBytes, redisSchema } from '../api/schema-fields.ts';

const seconds = z.int().min(1).max(31_536_000);

export const schema = z.strictObject({
  strategy: z
    .enum(['memory', 'redis'])
    .describe('Where answers are kept: in each process, or for all gateways'),
  response_code: z.array(z.int().min(100).max(900)).min(1).default([200, 301, 404]),
  request_method: z
    .array(
      z.enum(['GET', 'HEAD'], {
        error: 'must be GET or HEAD: bodies pass unread, so they make no difference',
      }),
    )
    .default(['GET', 'HEAD']),
  content_type: z
    .array(z.string())
    .default(['text/plain', 'application/json'])
    .describe('One without parameters stands for the type with any'),
  cache_ttl: seconds.default(300).describe('Seconds that an answer is fresh, unless cache_control says it'),
  cache_control: z
    .boolean()
    .default(false)
    .describe('Whether Cache-Control decides what is kept, and how long'),
  storage_ttl: seconds
    .optional()
    .describe('Seconds that an answer is kept, also to stand in for a service that fails'),
  ignore_uri_case: z.boolean().default(false),
  vary_query_params: z
    .array(z.string())
    .optional()
    .describe('The arguments that make a difference; without it, all'),
  vary_headers: z
    .array(headerName)
    .default([])
    .describe('Headers that make a difference besides those of Vary'),
  memory: z
    .strictObject({
      dictionary_name: z.string().default('kong_db_cache').describe('Means nothing here'),
      max_bytes: z
        .int()
        .min(1_024)
        .default(64 * 1_024 * 1_024)
        .describe('Plaza’s own: of all answers together'),
    })
    .prefault({}),
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: longer bodies are not kept'),
  redis: redisSchema,
  response_headers: z
    .strictObject({
      age: z.boolean().default(true),
      'X-Cache-Status': z.boolean().default(true).describe('and X-Cache, the same in capitals'),
      'X-Cache-Key': z.boolean().default(true),
    })
    .prefault({}),
});

export type ProxyCacheConfig = z.output<typeof schema>;
