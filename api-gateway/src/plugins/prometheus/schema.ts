import { z } from 'zod';
import { fixedValue } from '../api/schema-fields.ts';

export const schema = z.strictObject({
  per_consumer: z.boolean().default(false).describe('Whether metrics have the consumer as a label'),
  status_code_metrics: z.boolean().default(false).describe('kong_http_requests_total'),
  latency_metrics: z
    .boolean()
    .default(false)
    .describe('kong_request_latency_ms, kong_upstream_latency_ms, kong_kong_latency_ms'),
  bandwidth_metrics: z.boolean().default(false).describe('kong_bandwidth_bytes: bytes of bodies'),
  upstream_health_metrics: fixedValue(
    false,
    'must be false: the Admin API and the gateway_* metrics show the health of upstreams',
  ),
  ai_metrics: fixedValue(false, 'must be false: this gateway has no AI plugins'),
});

export type PrometheusConfig = z.output<typeof schema>;
