import { z } from 'zod';
import { headerName, maxBodyBytes, redisSchema } from '../api/schema-fields.ts';

const seconds = z.int().min(1).max(31_536_000);

export const schema = z.strictObject({
  strategy: z
    .enum(['memory', 'redis'])
    .describe('Storage of responses: in each process, or in Redis for all gateways'),
  response_code: z.array(z.int().min(100).max(900)).min(1).default([200, 301, 404]),
  request_method: z
    .array(
      z.enum(['GET', 'HEAD'], {
        error: 'must be GET or HEAD: request bodies are not part of the cache key',
      }),
    )
    .default(['GET', 'HEAD']),
  content_type: z
    .array(z.string())
    .default(['text/plain', 'application/json'])
    .describe('A type without parameters matches the type with any parameters'),
  cache_ttl: seconds.default(300).describe('Seconds that a response is fresh, unless cache_control is true'),
  cache_control: z
    .boolean()
    .default(false)
    .describe('Whether Cache-Control decides what is cached and how long'),
  storage_ttl: seconds
    .optional()
    .describe('Seconds that a response is stored, also to replace the response of a failing service'),
  ignore_uri_case: z.boolean().default(false),
  vary_query_params: z
    .array(z.string())
    .optional()
    .describe('Query arguments in the cache key; by default all'),
  vary_headers: z.array(headerName).default([]).describe('Headers in the cache key besides those of Vary'),
  memory: z
    .strictObject({
      dictionary_name: z.string().default('kong_db_cache').describe('Has no effect'),
      max_bytes: z
        .int()
        .min(1_024)
        .default(64 * 1_024 * 1_024)
        .describe('Plaza’s own: of all responses together'),
    })
    .prefault({}),
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: longer bodies are not cached'),
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
