import { describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import type { Gateway } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const consumers = [{ username: 'ada', keyauth_credentials: [{ key: 'key-of-ada' }] }];
const metricsOf = async ({ url }: Gateway) => (await request(url).get('/metrics')).text;

describe('prometheus', () => {
  test('counts under Kong’s names what is switched on', async () => {
    const gateway = await harness.gateway(
      await harness.upstream(),
      [
        { name: 'key-auth' },
        {
          name: 'prometheus',
          config: {
            per_consumer: true,
            status_code_metrics: true,
            latency_metrics: true,
            bandwidth_metrics: true,
          },
        },
      ],
      { consumers },
    );
    await request(gateway.url).post('/api').set('apikey', 'key-of-ada').send({ a: 1 });
    await request(gateway.url).get('/api');
    await eventually(async () => {
      const text = await metricsOf(gateway);
      expect(text).toMatch(
        /kong_http_requests_total\{service="echo",route="api",code="200",source="service",consumer="ada".*\} 1/,
      );
      expect(text).toMatch(
        /kong_http_requests_total\{service="echo",route="api",code="401",source="kong",consumer="".*\} 1/,
      );
      expect(text).toMatch(
        /kong_bandwidth_bytes\{service="echo",route="api",consumer="ada",direction="ingress".*\} 7/,
      );
      for (const name of ['kong_request_latency_ms', 'kong_upstream_latency_ms', 'kong_kong_latency_ms'])
        expect(text).toContain(`# TYPE ${name} histogram`);
      expect(text).toMatch(/kong_upstream_latency_ms_count\{.*service="echo",route="api".*\} 1/);
      expect(text).toMatch(/kong_request_latency_ms_count\{.*service="echo",route="api".*\} 2/);
    });
  });

  test('counts nothing by itself, as Kong’s', async () => {
    const gateway = await harness.gateway(await harness.upstream(), [{ name: 'prometheus' }]);
    await request(gateway.url).get('/api');
    expect(await metricsOf(gateway)).not.toContain('kong_');
  });

  test('says where else upstreams’ health is', () => {
    expect(configMistakes('prometheus', { upstream_health_metrics: true })).toEqual([
      expect.stringMatching(/^plugins\[0\]\.config\.upstream_health_metrics: must be false: /),
    ]);
  });
});
