import { z } from 'zod';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { fixedField } from './common.ts';

const seconds = z.number().min(0).max(65_535);
const count = z.int().min(0).max(255);
const statuses = (...standard: number[]) => z.array(z.int().min(100).max(999)).default(standard);
const type = z.enum(['http', 'https', 'tcp'], 'must be http, https or tcp').default('http');

const OK_WHEN_PASSING = [
  200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308,
];

const failures = {
  http_failures: count.default(0),
  tcp_failures: count.default(0),
  timeouts: count.default(0),
};

const active = z.strictObject({
  type,
  http_path: z.string().startsWith('/', 'must begin with /').default('/'),
  headers: z.record(z.string(), z.array(z.string())).default({}),
  timeout: seconds.default(1),
  concurrency: z.int().min(1).max(2_147_483_648).default(10),
  https_sni: unsupportedField('a target is asked by the name under which it is known'),
  https_verify_certificate: fixedField(
    true,
    'must be true: an instance without a valid certificate gets no requests',
  ),
  healthy: z
    .strictObject({
      interval: seconds.default(0),
      http_statuses: statuses(200, 302),
      successes: count.default(0),
    })
    .prefault({}),
  unhealthy: z
    .strictObject({
      interval: seconds.default(0),
      http_statuses: statuses(429, 404, 500, 501, 502, 503, 504, 505),
      ...failures,
    })
    .prefault({}),
});

const passive = z.strictObject({
  type,
  healthy: z
    .strictObject({ http_statuses: statuses(...OK_WHEN_PASSING), successes: count.default(0) })
    .prefault({}),
  unhealthy: z.strictObject({ http_statuses: statuses(429, 500, 503), ...failures }).prefault({}),
});

/** Kong's fields and defaults (kong/db/schema/entities/upstreams.lua). */
export const healthchecks = z.strictObject({
  threshold: z.number().min(0).max(100).default(0),
  active: active.optional(),
  passive: passive.optional(),
});

export type KongHealthchecks = z.output<typeof healthchecks>;
