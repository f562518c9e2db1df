import { z } from 'zod';
import { headerName, fixedValue, redisSchema } from '../api/schema-fields.ts';
import { limitsSchema, PERIOD_LIMITS } from './parse-limits.ts';
import { deprecatedRedisFields, deprecatedOnlyValues } from './deprecated-fields.ts';

const maxRequests = z.int().min(1).max(1_000_000_000).optional();

const PERIODS = PERIOD_LIMITS.map(({ period }) => period);

export const schema = z
  .strictObject({
    second: maxRequests.describe('Requests per second'),
    minute: maxRequests,
    hour: maxRequests,
    day: maxRequests,
    month: maxRequests.describe('Requests per 30 days'),
    year: maxRequests.describe('Requests per 365 days'),
    limits: limitsSchema
      .optional()
      .describe('Plaza’s own: limits for any windows as one text: 100/15m,1000/1h; off for none'),
    anonymous_limits: limitsSchema
      .optional()
      .describe(
        'Plaza’s own: limits for clients known by their address alone; by default the limits for all',
      ),
    limit_by: z
      .enum(['consumer', 'credential', 'ip', 'service', 'header', 'path'])
      .default('consumer')
      .describe('What identifies a client; an authenticated user counts as a consumer'),
    header_name: headerName.optional(),
    path: z.string().startsWith('/').optional(),
    policy: z
      .enum(['local', 'redis'], {
        error: 'must be local or redis: cluster needs Kong’s database, which this gateway does not have',
      })
      .default('local'),
    fault_tolerant: z
      .boolean()
      .default(true)
      .describe('While Redis is down: true counts in each gateway alone, false answers 503'),
    hide_client_headers: z.boolean().default(false),
    error_code: z.int().min(400).max(599).default(429),
    error_message: z.string().optional().describe('By default the message names the limit'),
    redis: redisSchema,
    ...deprecatedRedisFields,
    sync_rate: fixedValue(-1, 'must be -1: counters are always shared at once'),
  })
  .superRefine((config, context) => {
    const report = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const given = PERIODS.filter((period) => config[period] !== undefined);
    if (given.length === 0 && config.limits === undefined)
      report('minute', 'one of second, minute, hour, day, month, year or limits must be there');
    for (const [index, period] of given.entries()) {
      const longer = given.slice(index + 1).find((other) => (config[other] ?? 0) < (config[period] ?? 0));
      if (longer !== undefined)
        report(longer, `the limit for a ${longer} cannot be lower than that for a ${period}`);
    }
    if (config.limit_by === 'header' && config.header_name === undefined)
      report('header_name', 'is required if limit_by is header');
    if (config.limit_by === 'path' && config.path === undefined)
      report('path', 'is required if limit_by is path');
    for (const [field, renamed] of deprecatedOnlyValues(config))
      report(field, `stands in ${renamed} since Kong 3.6`);
  });

export type RateLimitingConfig = z.output<typeof schema>;
