import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import {
  configMistakes,
  createPluginHarness,
  type HarnessOptions,
  type PluginEntry,
} from './plugin-harness.ts';

const harness = createPluginHarness();
const consumers = [
  { username: 'ada', keyauth_credentials: [{ key: 'ada-1' }, { key: 'ada-2' }] },
  { username: 'bob', keyauth_credentials: [{ key: 'bob-1' }] },
];

let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});

const gatewayWith = (config: object, others: PluginEntry[] = [], more: HarnessOptions = {}) =>
  harness.gateway(upstream, [{ name: 'rate-limiting', config }, ...others], more);

interface Call {
  readonly address?: string;
  readonly key?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

const call = ({ url }: Gateway, { address = '203.0.113.1', key, path = '/api', headers = {} }: Call = {}) =>
  request(url)
    .get(path)
    .set({ 'X-Forwarded-For': address, ...(key === undefined ? {} : { apikey: key }), ...headers });

const statuses = async (gateway: Gateway, ...calls: Call[]) => {
  const seen: number[] = [];
  for (const one of calls) seen.push((await call(gateway, one)).status);
  return seen;
};

describe('rate-limiting', () => {
  test('tells in Kong’s headers and in those of the draft how one stands', async () => {
    const gateway = await gatewayWith({ minute: 2, hour: 100 });
    expect((await call(gateway)).headers).toMatchObject({
      'x-ratelimit-limit-minute': '2',
      'x-ratelimit-remaining-minute': '1',
      'x-ratelimit-limit-hour': '100',
      'x-ratelimit-remaining-hour': '99',
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '60',
      ratelimit: '"2-in-1min"; r=1; t=60, "100-in-1hr"; r=99; t=3600',
    });
    await call(gateway);
    const refused = await call(gateway);
    expect([refused.status, refused.body.message]).toEqual([
      429,
      expect.stringMatching(
        /^More than 2 requests in 1 minute came from your address: come back in \d+ s\.$/,
      ),
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused.headers).toMatchObject({
      'x-ratelimit-remaining-minute': '0',
      'x-ratelimit-remaining-hour': '98',
    });
  });

  test('counts what it refuses in no window', async () => {
    const gateway = await gatewayWith({ second: 1, minute: 3 });
    const seen: number[] = [];
    await eventually(async () => {
      seen.push((await call(gateway)).status);
      expect(seen.filter((status) => status === 200)).toHaveLength(3);
    });
    expect(seen.length).toBeGreaterThan(3);
  });

  test('answers with a status and words of one’s own, and keeps the headers to itself', async () => {
    const gateway = await gatewayWith({
      minute: 1,
      error_code: 420,
      error_message: 'Calm down.',
      hide_client_headers: true,
    });
    await call(gateway);
    const { status, body, headers } = await call(gateway);
    expect([status, body.status, body.message]).toEqual([420, 420, 'Calm down.']);
    expect(Object.keys(headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  describe('counts together', () => {
    const keyAuth = { name: 'key-auth', config: { anonymous: undefined } };

    test('what one consumer asks, by whatever key', async () => {
      const gateway = await gatewayWith({ minute: 2 }, [keyAuth], { consumers });
      expect(
        await statuses(gateway, { key: 'ada-1' }, { key: 'ada-2' }, { key: 'ada-1' }, { key: 'bob-1' }),
      ).toEqual([200, 200, 429, 200]);
    });

    test('what comes with one credential', async () => {
      const gateway = await gatewayWith({ minute: 1, limit_by: 'credential' }, [keyAuth], { consumers });
      expect(await statuses(gateway, { key: 'ada-1' }, { key: 'ada-2' }, { key: 'ada-1' })).toEqual([
        200, 200, 429,
      ]);
    });

    test('all requests of one address, whatever their credentials', async () => {
      const gateway = await gatewayWith({ minute: 1, limit_by: 'ip' }, [keyAuth], { consumers });
      expect(
        await statuses(gateway, { key: 'ada-1' }, { key: 'bob-1' }, { key: 'bob-1', address: '203.0.113.2' }),
      ).toEqual([200, 429, 200]);
    });

    test('what comes with one header, and by address without it', async () => {
      const gateway = await gatewayWith({ minute: 1, limit_by: 'header', header_name: 'X-Tenant' });
      const red = { 'X-Tenant': 'red {team}' };
      expect(
        await statuses(
          gateway,
          { headers: red },
          { headers: red, address: '203.0.113.3' },
          { headers: { 'X-Tenant': 'blue' } },
          {},
          {},
        ),
      ).toEqual([200, 429, 200, 200, 429]);
    });

    test('what asks for one path, and by address what asks for another', async () => {
      const gateway = await gatewayWith({ minute: 1, limit_by: 'path', path: '/api/hot' });
      expect(
        await statuses(
          gateway,
          { path: '/api/hot' },
          { path: '/api/hot', address: '203.0.113.4' },
          { path: '/api' },
        ),
      ).toEqual([200, 429, 200]);
    });

    test('what asks one service', async () => {
      const gateway = await gatewayWith({ minute: 1, limit_by: 'service' }, [], {
        services: [{ name: 'other', url: upstream.url, routes: [{ name: 'other', paths: ['/other'] }] }],
      });
      expect(await statuses(gateway, {}, { address: '203.0.113.5' }, { path: '/other' })).toEqual([
        200, 429, 200,
      ]);
    });
  });

  test('of a route counts apart from that of a service', async () => {
    const gateway = await harness.gateway(
      upstream,
      [
        { name: 'rate-limiting', config: { minute: 1 }, service: 'echo' },
        { name: 'rate-limiting', config: { minute: 2 }, route: 'second' },
      ],
      { routes: [{ name: 'second', paths: ['/second'] }] },
    );
    const [api, second] = [{ path: '/api' }, { path: '/second' }];
    expect(await statuses(gateway, api, second, second, second, api)).toEqual([200, 200, 200, 429, 429]);
  });

  test('of clients known by their address alone may differ', async () => {
    const gateway = await gatewayWith({ limits: 'off', anonymous_limits: '1/15m' });
    expect(await statuses(gateway, {}, {})).toEqual([200, 429]);
  });

  test.each([
    [{}, 'minute: one of second, minute, hour, day, month, year or limits must be there'],
    [{ minute: 10, hour: 5 }, 'hour: the limit for a hour cannot be lower than that for a minute'],
    [{ minute: 0 }, 'minute: must be 1 at least'],
    [
      { minute: 1, policy: 'cluster' },
      'policy: must be local or redis: cluster needs Kong’s database, which this gateway does not have',
    ],
    [{ minute: 1, limit_by: 'header' }, 'header_name: is required if limit_by is header'],
    [{ minute: 1, limit_by: 'path' }, 'path: is required if limit_by is path'],
    [
      { minute: 1, limit_by: 'consumer-group' },
      'limit_by: must be consumer or credential or ip or service or header or path',
    ],
    [
      { limits: '5/fortnight' },
      'limits: "5/fortnight" is no limit: write 100/15m (s, m, h, d), several with commas, or off',
    ],
    [{ minute: 1, redis_host: 'r.test' }, 'redis_host: stands in redis.host since Kong 3.6'],
    [
      { minute: 1, redis: { host: 'r.test', port: 6380 }, redis_host: 'r.test', redis_port: 6379 },
      'redis_port: stands in redis.port since Kong 3.6',
    ],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('rate-limiting', config)).toEqual([`plugins[0].config.${mistake}`]);
  });
});

describe('rate-limiting in Redis', () => {
  let control: Redis;
  let url: URL;
  beforeAll(async () => {
    url = new URL((await testRedis()).url);
    control = new Redis(url.href);
  });
  afterAll(() => control.disconnect());

  const shared = async (config: object) => {
    const gateway = await gatewayWith({ policy: 'redis', ...config }, [], {
      environment: { REDIS_URL: url.href },
    });
    await eventually(async () => {
      const { body } = await request(gateway.url).get('/health');
      expect(body.checks.database.redis.status).toBe('healthy');
    });
    return gateway;
  };
  const counted = async (windowMs: number, address = '203.0.113.9') =>
    Number(await control.get(`gateway:limit:rate-limiting/global:{address:${address}}:${windowMs}`));

  /** A gateway that waits for Redis without a limit. */
  async function patient(config: object): Promise<Gateway> {
    const database = Number(url.pathname.slice(1));
    const redis = { host: url.hostname, port: Number(url.port), database, timeout: 60_000 };
    const gateway = await shared({ ...config, redis });
    await eventually(async () => {
      const before = await counted(60_000, '203.0.113.7');
      await call(gateway, { address: '203.0.113.7' });
      expect(await counted(60_000, '203.0.113.7')).toBeGreaterThan(before);
    });
    return gateway;
  }

  test('never lets more through than the limit, over all gateways and however many come at once', async () => {
    const gateways = [await patient({ minute: 200 }), await patient({ minute: 200 })] as const;
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        call(gateways[index % 2] ?? gateways[0], { address: '203.0.113.8' }),
      ),
    );
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeLessThanOrEqual(200);
    // Permits that a gateway leased and did not use: one sixteenth of the remaining ones.
    expect(passed).toBeGreaterThanOrEqual(200 - 2 * Math.floor(200 / 16));
  });

  test('asks Redis once for many requests of a brisk client, and pays before they come', async () => {
    const gateway = await shared({ hour: 10_000 });
    const asked = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await control.info('commandstats'))?.[1] ?? 0);
    const before = await asked();
    for (let times = 0; times < 60; times += 1) await call(gateway, { address: '203.0.113.9' });
    const { headers } = await call(gateway, { address: '203.0.113.9' });
    expect(headers['x-ratelimit-remaining-hour']).toBe(String(10_000 - 61));
    expect((await asked()) - before).toBeLessThan(30);
    expect(await counted(3_600_000)).toBeGreaterThanOrEqual(61);
  });

  test('counts each of many clients for itself, though it asks for all of them at once', async () => {
    const gateway = await shared({ minute: 2, hour: 10 });
    const addresses = Array.from({ length: 250 }, (_, index) => `198.51.100.${index}`);
    const remaining = async () => {
      const answers = await Promise.all(addresses.map((address) => call(gateway, { address })));
      return new Set(
        answers.map(
          ({ status, headers }) =>
            `${status}: ${headers['x-ratelimit-remaining-minute']}, ${headers['x-ratelimit-remaining-hour']}`,
        ),
      );
    };
    expect(await remaining()).toEqual(new Set(['200: 1, 9']));
    expect(await remaining()).toEqual(new Set(['200: 0, 8']));
    expect(await remaining()).toEqual(new Set(['429: 0, 8']));
  });

  test('can have a Redis of its own', async () => {
    const config = { minute: 1, redis: { host: url.hostname, port: Number(url.port), database: 3 } };
    const gateway = await gatewayWith({ policy: 'redis', ...config });
    await eventually(async () => {
      await call(gateway, { address: '203.0.113.10' });
      const other = control.duplicate({ db: 3 });
      const keys = await other.keys('gateway:limit:*203.0.113.10*');
      other.disconnect();
      expect(keys).toHaveLength(1);
    });
  });

  test('refuses what it cannot count, where it shall not tolerate that', async () => {
    const strict = await gatewayWith({
      policy: 'redis',
      minute: 5,
      fault_tolerant: false,
      redis: { host: '127.0.0.1', port: 1 },
    });
    expect((await call(strict)).status).toBe(503);
    const tolerant = await gatewayWith({ policy: 'redis', minute: 5, redis: { host: '127.0.0.1', port: 1 } });
    expect((await call(tolerant)).status).toBe(200);
    expect((await request(tolerant.url).get('/metrics')).text).toMatch(
      /gateway_rate_limits_counted_alone\{.*\} 1/,
    );
  });
});
