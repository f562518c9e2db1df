import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startRedis,
  startService,
  testRedis,
  type ServiceProcess,
} from '@plaza/local-stack/testing';
import request from 'supertest';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import { freePort, startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let registry: ServiceProcess;
let redisUrl: string;
const versions: TestUpstream[] = [];

/** A users service of some version, known to the registry. */
async function instance(name: string, version: string): Promise<void> {
  const upstream = await startUpstream((_request, response) => {
    response.setHeader('X-Instance', name);
    response.end(version);
  });
  versions.push(upstream);
  await request(registry.url)
    .post('/register')
    .send({
      serviceName: 'users-service',
      serviceUrl: upstream.url,
      healthCheckUrl: upstream.url,
      instanceId: name,
      version,
    })
    .expect(200);
}

beforeAll(async () => {
  redisUrl = (await testRedis()).url;
  registry = await startService('service-registry', { REDIS_URL: redisUrl });
  await instance('a', '1.0.0');
  await instance('b', '1.0.0');
  await instance('c', '2.0.0');
});

afterAll(async () => {
  await registry.stop();
  await Promise.all(versions.map((version) => version.close()));
});

async function started(environment: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const gateway = await startGateway({ REGISTRY_URL: registry.url, REDIS_URL: redisUrl, ...environment });
  await gateway.started;
  return gateway;
}

/** How many of so many requests each version answered. */
async function share(gateway: Gateway, times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let time = 0; time < times; time += 1) {
    const { text } = await request(gateway.url).get('/api/users/1');
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

const canary = (gateway: Gateway, weight: number) =>
  request(gateway.adminUrl())
    .patch('/upstreams/users-service/targets/version=2.0.0')
    .type('form')
    .send(`weight=${weight}`);

describe('a canary', () => {
  test('of weight 10 gets a tenth, here and at the other gateway, and nothing once it is back at zero', async () => {
    const [one, other] = [await started(), await started()];
    await eventually(async () => {
      expect(await share(one, 3)).toEqual({ '1.0.0': 2, '2.0.0': 1 });
    });

    const { status, body } = await canary(one, 10);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      target: 'version=2.0.0',
      weight: 10,
      shared: true,
      shares: [
        { target: 'version=2.0.0', share: 0.1 },
        { target: '*', weight: 90, share: 0.9 },
      ],
    });
    expect(await share(one, 100)).toEqual({ '1.0.0': 90, '2.0.0': 10 });
    await eventually(async () => {
      expect(await share(other, 20)).toEqual({ '1.0.0': 18, '2.0.0': 2 });
    });

    const counted = (await canary(one, 0)).body.requests_by_version;
    expect(counted['2.0.0']['2xx']).toBeGreaterThanOrEqual(10);
    expect(await share(one, 30)).toEqual({ '1.0.0': 30 });
    await eventually(async () => {
      expect(await share(other, 20)).toEqual({ '1.0.0': 20 });
    });
    expect((await request(one.adminUrl()).get('/metrics')).text).toMatch(
      /gateway_upstream_requests_total\{upstream="users-service",version="2\.0\.0",status_class="2xx"/,
    );

    const late = await started();
    expect(await share(late, 20)).toEqual({ '1.0.0': 20 });
    await request(one.adminUrl()).delete('/upstreams/users-service/targets/version=2.0.0').expect(204);
    await eventually(async () => {
      expect(await share(late, 3)).toEqual({ '1.0.0': 2, '2.0.0': 1 });
    });
    await Promise.all([one, other, late].map((gateway) => gateway.stop()));
  });

  test('holds for this gateway alone while Redis is away, and for all once it is back', async () => {
    const redis = await startRedis();
    const [one, other] = [await started({ REDIS_URL: redis.url }), await started({ REDIS_URL: redis.url })];
    await redis.stop();
    await eventually(async () => {
      expect((await request(one.adminUrl()).get('/status')).body.redis.reachable).toBe(false);
    });
    expect((await canary(one, 0)).body.shared).toBe(false);
    expect(await share(one, 10)).toEqual({ '1.0.0': 10 });
    await redis.start();
    await eventually(async () => {
      expect(await share(other, 10)).toEqual({ '1.0.0': 10 });
    }, 15_000);
    await Promise.all([one.stop(), other.stop()]);
    await redis.stop();
  });

  test('keeps each consumer where it is, and moves no more of them than its weight asks for', async () => {
    const names = Array.from({ length: 200 }, (_none, index) => `consumer-${index}`);
    const file = await createConfigFile({
      services: [{ name: 'users', host: 'users-service', routes: [{ paths: ['/api/users'] }] }],
      upstreams: [{ name: 'users-service', algorithm: 'consistent-hashing', hash_on: 'consumer' }],
      plugins: [{ name: 'key-auth' }],
      consumers: names.map((username) => ({
        username,
        keyauth_credentials: [{ key: `key-of-${username}` }],
      })),
    });
    const environment = { REGISTRY_URL: registry.url, REDIS_URL: (await testRedis()).url };
    const [one, other] = [
      await startGatewayWith(file, environment),
      await startGatewayWith(file, environment),
    ];
    /** The instance that answers each of them. */
    const placed = async (gateway: Gateway) => {
      const answers = await Promise.all(
        names.map((name) => request(gateway.url).get('/api/users/1').set('apikey', `key-of-${name}`)),
      );
      return answers.map((answer) => answer.get('X-Instance') ?? '');
    };
    const onVersion2 = (instances: readonly string[]) => instances.filter((name) => name === 'c').length;

    await canary(one, 10).expect(200);
    const tenth = await placed(one);
    expect(await placed(one)).toEqual(tenth);
    expect(new Set(tenth)).toEqual(new Set(['a', 'b', 'c']));
    expect(onVersion2(tenth) / names.length).toBeCloseTo(0.1, 1);
    await eventually(async () => {
      expect(await placed(other)).toEqual(tenth);
    });

    await canary(one, 30).expect(200);
    const third = await placed(one);
    expect(onVersion2(third) / names.length).toBeCloseTo(0.3, 1);
    const stayed = third.map((instance, index) => instance === 'c' || instance === tenth[index]);
    expect(stayed).not.toContain(false);
    expect(tenth.filter((instance, index) => instance === 'c' && third[index] !== 'c')).toEqual([]);

    await canary(one, 10).expect(200);
    expect(await placed(one)).toEqual(tenth);
    await canary(one, 0).expect(200);
    expect(await placed(one)).not.toContain('c');
    await Promise.all([one.stop(), other.stop()]);
  });

  test('holds in every worker, whose counts are told together', async () => {
    const port = await freePort();
    const gateway = await startService('api-gateway', {
      GATEWAY_WORKERS: '2',
      ADMIN_PORT: String(port),
      REGISTRY_URL: registry.url,
      REDIS_URL: (await testRedis()).url,
      RATE_LIMIT_ANONYMOUS: 'off',
    });
    const admin = `http://127.0.0.1:${port}`;
    // Either worker may be the first that is ready, and one of them has the Admin API.
    await eventually(() =>
      request(admin).patch('/upstreams/users-service/targets/version=2.0.0').send({ weight: 0 }).expect(200),
    );
    // Each request comes over a connection of its own, and workers take connections in turn.
    const ask = async () => (await request(gateway.url).get('/api/users/1').set('Connection', 'close')).text;
    await eventually(async () => {
      const before = await versionsAnswered(admin);
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      expect(new Set(answers)).toEqual(new Set(['1.0.0']));
      const after = await versionsAnswered(admin);
      expect((after['1.0.0'] ?? 0) - (before['1.0.0'] ?? 0)).toBe(20);
    });
    expect((await request(admin).get('/status')).body.workers).toBe(2);
    await request(admin).delete('/upstreams/users-service/targets/version=2.0.0').expect(204);
    await gateway.stop();
  });
});

/** By version, how often it answered well so far. */
async function versionsAnswered(admin: string): Promise<Record<string, number>> {
  const { body } = await request(admin).get('/upstreams/users-service/health');
  const versions = Object.entries<Record<string, number>>(body.requests_by_version);
  return Object.fromEntries(versions.map(([version, counts]) => [version, counts['2xx'] ?? 0]));
}
