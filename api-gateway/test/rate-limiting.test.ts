import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startRedis, testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const signer = createSigner('k1');
let users: TestUpstream;
let redisUrl: string;
const gateways: Gateway[] = [];

beforeAll(async () => {
  users = await startUpstream(serveJwks(signer));
  redisUrl = (await testRedis()).url;
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});

afterAll(() => users.close());

/** Counters are shared by the gateways of this file: each test counts another address or user. */
async function limited(environment: Record<string, string>): Promise<Gateway> {
  const gateway = await startGateway({
    USERS_SERVICE_URL: users.url,
    REDIS_URL: redisUrl,
    TRUSTED_PROXIES: '1',
    ...environment,
  });
  gateways.push(gateway);
  await eventually(async () => {
    const { body } = await request(gateway.url).get('/health');
    expect(body.checks.database.redis.status).toBe('healthy');
  });
  return gateway;
}

const from = (gateway: Gateway, address: string, token?: string) => {
  const call = request(gateway.url).get('/api/users/1').set('X-Forwarded-For', address);
  return token === undefined ? call : call.set('Authorization', `Bearer ${token}`);
};

/** Statuses of this many sequential requests. */
async function statuses(times: number, call: () => PromiseLike<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await call()).status);
  return seen;
}

describe('anonymous requests', () => {
  test('is limited by address, and told what is left', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '2/15m' });
    const first = await from(gateway, '203.0.113.1');
    expect(first.get('RateLimit')).toBe('"2-in-15min"; r=1; t=900');
    expect(first.get('RateLimit-Policy')).toMatch(/^"2-in-15min"; q=2; w=900; pk=:/);
    expect((await from(gateway, '203.0.113.1')).status).toBe(200);

    const refused = await from(gateway, '203.0.113.1');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      code: 'rate_limit_exceeded',
      error: 'Too many requests',
      message: expect.stringMatching(
        /^More than 2 requests in 15 minutes came from your address: come back in \d+ s\.$/,
      ),
    });
    const retryAfter = Number(refused.get('Retry-After'));
    expect(retryAfter).toBeGreaterThan(890);
    expect(retryAfter).toBeLessThanOrEqual(900);
    expect(refused.get('RateLimit')).toMatch(/r=0; t=\d+$/);
    expect(
      users.requests.filter(({ headers }) => headers['x-forwarded-for']?.includes('203.0.113.1')),
    ).toHaveLength(2);

    expect((await from(gateway, '203.0.113.2')).status).toBe(200);
  });

  test('is counted over all gateways', async () => {
    const [one, other] = await Promise.all([
      limited({ RATE_LIMIT_ANONYMOUS: '2/16m' }),
      limited({ RATE_LIMIT_ANONYMOUS: '2/16m' }),
    ]);
    const seen = [
      await from(one, '203.0.113.3'),
      await from(other, '203.0.113.3'),
      await from(one, '203.0.113.3'),
      await from(other, '203.0.113.3'),
    ];
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
  });

  test('cannot escape within the network of IPv6 that is one household’s', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '1/17m' });
    expect((await from(gateway, '2001:db8:0:100::1')).status).toBe(200);
    expect((await from(gateway, '2001:db8:0:1ff::2')).status).toBe(429);
    expect((await from(gateway, '2001:db8:0:200::1')).status).toBe(200);
  });

  test('cannot escape by making up addresses', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '1/18m', TRUSTED_PROXIES: '0' });
    expect((await from(gateway, '203.0.113.4')).status).toBe(200);
    expect((await from(gateway, '203.0.113.5')).status).toBe(429);
  });

  test('is limited as such when the token does not hold', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '2/19m' });
    const guess = () => from(gateway, '203.0.113.6', signer.token({ iss: 'elsewhere' }));
    expect(await statuses(3, guess)).toEqual([401, 401, 429]);
  });

  test('can be let off', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: 'off' });
    const response = await from(gateway, '203.0.113.7');
    expect(response.get('RateLimit')).toBeUndefined();
  });
});

describe('authenticated requests', () => {
  test('is limited as a user, from whatever address, and not as an address', async () => {
    const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '1/20m', RATE_LIMIT_USER: '2/20m' });
    const [ada, bob] = [signer.token({ sub: 'ada' }), signer.token({ sub: 'bob' })];
    expect((await from(gateway, '203.0.113.8', ada)).status).toBe(200);
    expect((await from(gateway, '203.0.113.9', ada)).status).toBe(200);
    const refused = await from(gateway, '203.0.113.10', signer.token({ sub: 'ada', jti: 'another token' }));
    expect([refused.status, refused.body.message]).toEqual([
      429,
      expect.stringMatching(/^More than 2 requests in 20 minutes came from you:/),
    ]);
    expect((await from(gateway, '203.0.113.8', bob)).status).toBe(200);
    expect((await from(gateway, '203.0.113.8')).status).toBe(200);
  });

  test('has several windows, each in the headers', async () => {
    const gateway = await limited({ RATE_LIMIT_USER: '3/1m,2/1h' });
    const call = () => from(gateway, '203.0.113.11', signer.token({ sub: 'carol' }));
    expect((await call()).get('RateLimit')).toBe('"3-in-1min"; r=2; t=60, "2-in-1hr"; r=1; t=3600');
    expect(await statuses(2, call)).toEqual([200, 429]);
  });

  test('can be let off', async () => {
    const gateway = await limited({ RATE_LIMIT_USER: 'off', RATE_LIMIT_ANONYMOUS: '1/21m' });
    const call = () => from(gateway, '203.0.113.12', signer.token({ sub: 'dave' }));
    expect(await statuses(3, call)).toEqual([200, 200, 200]);
  });
});

test('what the gateway answers of its own is not limited', async () => {
  const gateway = await limited({ RATE_LIMIT_ANONYMOUS: '1/22m', TRUSTED_PROXIES: '0' });
  const call = () => request(gateway.url).get('/health/live');
  expect(await statuses(3, call)).toEqual([200, 200, 200]);
});

describe('while Redis is away', () => {
  const said = (gateway: Gateway, code: string) => gateway.lines.filter(({ event }) => event === code).length;

  test('the gateway counts alone, says so once, and counts in Redis again when it is back', async () => {
    const redis = await startRedis();
    const gateway = await limited({ REDIS_URL: redis.url, RATE_LIMIT_ANONYMOUS: '2/15m' });
    expect((await from(gateway, '203.0.113.20')).get('RateLimit')).toContain('r=1');

    await redis.kill();
    expect(await statuses(3, () => from(gateway, '203.0.113.20'))).toEqual([200, 200, 429]);
    expect(said(gateway, 'rate_limit_degraded')).toBe(1);
    expect((await request(gateway.url).get('/health/ready')).status).toBe(200);

    await redis.start({ empty: true });
    await eventually(async () => {
      expect((await from(gateway, '203.0.113.21')).status).toBe(200);
      expect(said(gateway, 'rate_limit_restored')).toBe(1);
    });
    expect(await statuses(3, () => from(gateway, '203.0.113.20'))).toEqual([200, 200, 429]);
    expect(said(gateway, 'rate_limit_degraded')).toBe(1);
  });

  test('from the very start, limits hold, and Redis takes over once it is there', async () => {
    const redis = await startRedis();
    await redis.stop();
    const gateway = await startGateway({
      USERS_SERVICE_URL: users.url,
      REDIS_URL: redis.url,
      RATE_LIMIT_ANONYMOUS: '1/15m',
      TRUSTED_PROXIES: '1',
    });
    gateways.push(gateway);
    expect(await statuses(2, () => from(gateway, '203.0.113.22'))).toEqual([200, 429]);
    await redis.start();
    await eventually(async () => {
      await from(gateway, '203.0.113.23');
      expect(said(gateway, 'rate_limit_restored')).toBe(1);
    });
    const other = await limited({ REDIS_URL: redis.url, RATE_LIMIT_ANONYMOUS: '1/15m' });
    expect((await from(other, '203.0.113.23')).status).toBe(429);
  });

  test('and hangs, it holds up one request and not every one', async () => {
    const redis = await startRedis();
    const gateway = await limited({ REDIS_URL: redis.url, RATE_LIMIT_ANONYMOUS: '100/15m' });
    const control = new Redis(redis.url);
    await control.client('PAUSE', 2_500);
    const began = performance.now();
    expect(await statuses(10, () => from(gateway, '203.0.113.24'))).toEqual(Array(10).fill(200));
    expect(performance.now() - began).toBeLessThan(1_900);
    control.disconnect();
  });
});
