import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { createCacheHarness, get, statusOf } from './cache-harness.ts';
import { createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const { cached } = createCacheHarness(harness);
const KEPT = { cache_ttl: 1, storage_ttl: 600 };

describe('where a service is away, proxy-cache', () => {
  let upstream: TestUpstream;
  let gateway: Gateway;
  beforeAll(async () => {
    ({ upstream, gateway } = await cached(KEPT));
    await get(gateway, '/api/x');
    await upstream.close();
  });

  test('answers what is old, and says so', async () => {
    await eventually(async () => {
      const { status, body, headers } = await get(gateway, '/api/x');
      expect([status, headers['x-cache-status'], headers['x-cache']]).toEqual([200, 'Stale', 'STALE']);
      expect(body).toEqual({ answers: 1, url: '/x' });
      expect(Number(headers['age'])).toBeGreaterThanOrEqual(1);
      expect(headers).not.toHaveProperty('warning');
    });
  });

  test('leaves it to the gateway to say so where it has nothing', async () => {
    const { status, body, headers } = await get(gateway, '/api/never');
    expect([status, body.code, headers['x-cache']]).toEqual([502, 'bad_gateway', undefined]);
  });
});

describe('where a service takes calls and says nothing, proxy-cache', () => {
  test('answers what is old: at first when it is late, and at once while its circuit is open', async () => {
    let silent = false;
    const upstream = await harness.upstream((_request, response) => {
      if (!silent) response.setHeader('Content-Type', 'text/plain; charset=utf-8').end('old');
    });
    const entry = { name: 'proxy-cache', config: { strategy: 'memory', ...KEPT } };
    const environment = { UPSTREAM_HEADERS_MS: '50', CIRCUIT_RESET_MS: '60000' };
    const gateway = await harness.gateway(upstream, [entry], { environment });
    await get(gateway);
    silent = true;
    await eventually(async () => expect(statusOf(await get(gateway))).toBe('Stale'));
    for (let call = 0; call < 10; call += 1) {
      const { status, text, headers } = await get(gateway);
      expect([status, text, headers['x-cache']]).toEqual([200, 'old', 'STALE']);
    }
    // Five requests timed out, and one produced the cached response.
    expect(upstream.requests).toHaveLength(1 + 5);
    const { status, body } = await get(gateway, '/api/never');
    expect([status, body.code]).toEqual([503, 'circuit_open']);
  });
});

describe('where a service answers that it failed, proxy-cache', () => {
  test('answers what is old with each status of that kind, and with no other', async () => {
    let failing = 200;
    const { gateway } = await cached(KEPT, (response) => {
      response.statusCode = failing;
    });
    await get(gateway);
    failing = 503;
    await eventually(async () => expect(statusOf(await get(gateway))).toBe('Stale'));
    for (failing of [500, 502, 504]) {
      const { status, body, headers } = await get(gateway);
      expect([status, headers['x-cache'], body.answers]).toEqual([200, 'STALE', 1]);
    }
    for (failing of [501, 403]) expect((await get(gateway)).status).toBe(failing);
  });

  test('passes on what it says where there is nothing old', async () => {
    const { gateway } = await cached(KEPT, (response) => {
      response.statusCode = 503;
    });
    const { status, body, headers } = await get(gateway);
    expect([status, headers['x-cache'], body.answers]).toEqual([503, 'BYPASS', 1]);
  });
});

test.each([
  ['max-age=1', 'Stale'],
  ['max-age=1, must-revalidate', 'Bypass'],
  ['max-age=1, proxy-revalidate', 'Bypass'],
  ['s-maxage=1', 'Bypass'],
])('by Cache-Control: %s an old answer is %s', async (control, expected) => {
  let failing = false;
  const { gateway } = await cached({ cache_control: true, storage_ttl: 600 }, (response) => {
    response.setHeader('Cache-Control', control);
    if (failing) response.statusCode = 503;
  });
  const patient = { 'Cache-Control': 'max-stale' };
  expect([statusOf(await get(gateway)), statusOf(await get(gateway))]).toEqual(['Miss', 'Hit']);
  failing = true;
  await eventually(async () => expect(statusOf(await get(gateway))).toBe(expected));
  expect(statusOf(await get(gateway, '/api', patient))).toBe(expected === 'Stale' ? 'Hit' : expected);
});
