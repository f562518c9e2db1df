import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { Eureka } from 'eureka-js-client';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

const TOKEN = 'a-token-of-this-test';
let registry: TestRegistry;
let guarded: TestRegistry;
beforeAll(async () => {
  const env = { REDIS_URL: (await testRedis()).url, REPORT_BACK_MS: '0' };
  registry = await startRegistry(env);
  guarded = await startRegistry({ ...env, REGISTRY_TOKEN: TOKEN });
});
afterAll(() => Promise.all([registry.stop(), guarded.stop()]));

const running = new Set<Eureka>();
afterEach(async () => {
  await Promise.all([...running].map(stop));
});

const quiet = () => undefined;
const logger = { warn: quiet, info: quiet, debug: quiet, error: quiet };

interface ClientOptions {
  readonly app: string;
  readonly instanceId?: string;
  readonly port?: number;
  readonly vipAddress?: string;
  readonly host?: string;
  readonly delta?: boolean;
  readonly eureka?: object;
}

/** The npm package `eureka-js-client`, unchanged, with heartbeats short enough for a test. */
function clientOf({ url }: TestRegistry, { app, delta = false, host, eureka, ...instance }: ClientOptions) {
  const { hostname, port } = new URL(url);
  return new Eureka({
    logger,
    shouldUseDelta: delta,
    instance: {
      app,
      hostName: 'localhost',
      ipAddr: '127.0.0.1',
      vipAddress: app,
      dataCenterInfo: { name: 'MyOwn' },
      ...instance,
      port: { $: instance.port ?? 3001, '@enabled': true },
    },
    eureka: {
      host: host ?? hostname,
      port: Number(port),
      heartbeatInterval: 30,
      registryFetchInterval: 30,
      maxRetries: 0,
      ...eureka,
    },
  });
}

async function start(client: Eureka): Promise<Eureka> {
  await promisify(client.start.bind(client))();
  running.add(client);
  return client;
}

async function stop(client: Eureka): Promise<void> {
  running.delete(client);
  await promisify(client.stop.bind(client))();
}

const idsOf = (instances: readonly { instanceId: string }[]) => instances.map(({ instanceId }) => instanceId);

async function passing(service: string): Promise<string[]> {
  const { body } = await registry.http.get(`/v1/health/service/${service}?passing`).expect(200);
  return body.map(({ Service }: { Service: { ID: string } }) => Service.ID);
}

describe('a service that registers by Eureka’s client', () => {
  test('is listed by all protocols until it stops', async () => {
    const client = await start(clientOf(registry, { app: 'billing', instanceId: 'billing-1', port: 3005 }));
    expect(await passing('billing')).toEqual(['billing-1']);
    const { body } = await registry.http.get('/services').expect(200);
    expect(body.services).toContainEqual(
      expect.objectContaining({ name: 'billing', url: 'http://localhost:3005', state: 'up' }),
    );
    await stop(client);
    expect(await passing('billing')).toEqual([]);
  });

  test('renews its lease', async () => {
    const client = await start(clientOf(registry, { app: 'renewing' }));
    await once(client, 'heartbeat');
    await once(client, 'heartbeat');
    expect(await passing('renewing')).toEqual(['localhost']);
  });

  test('registers again when the registry has lost it', async () => {
    const client = await start(clientOf(registry, { app: 'forgotten' }));
    await registry.http.delete('/unregister/forgotten').expect(200);
    await once(client, 'registered');
    expect(await passing('forgotten')).toEqual(['localhost']);
  });

  test('is out of service during an override', async () => {
    await start(clientOf(registry, { app: 'overridden', instanceId: 'o-1' }));
    const status = '/eureka/apps/OVERRIDDEN/o-1/status';
    await registry.http.put(`${status}?value=OUT_OF_SERVICE`).expect(200);
    expect(await passing('overridden')).toEqual([]);
    await registry.http.delete(status).expect(200);
    expect(await passing('overridden')).toEqual(['o-1']);
  });

  test('with a name in capitals is found under the case of its vip address, else in lower case', async () => {
    await start(clientOf(registry, { app: 'ACCOUNTSERVICE', vipAddress: 'AccountService' }));
    await start(clientOf(registry, { app: 'STOCKSERVICE', vipAddress: 'stock.example.org' }));
    expect(await passing('AccountService')).toEqual(['localhost']);
    expect(await passing('stockservice')).toEqual(['localhost']);
  });
});

describe('Eureka’s client finds', () => {
  test.each([
    ['in the whole registry', false],
    ['by delta', true],
  ])('%s added and removed instances', async (_name, delta) => {
    const app = delta ? 'changing' : 'whole';
    const reader = await start(clientOf(registry, { app: `${app}-reader`, delta }));
    const found = () => idsOf(reader.getInstancesByAppId(app)).sort();
    expect(found()).toEqual([]);
    const one = await start(clientOf(registry, { app, instanceId: 'one', port: 3001 }));
    await start(clientOf(registry, { app, instanceId: 'two', port: 3002 }));
    await eventually(async () => expect(found()).toEqual(['one', 'two']));
    expect(idsOf(reader.getInstancesByVipAddress(app)).sort()).toEqual(['one', 'two']);
    await stop(one);
    await eventually(async () => expect(reader.getInstancesByAppId(app)).toHaveLength(1));
  });

  test('instances registered by the courses’ calls and by Consul’s API', async () => {
    await registry.register(createRegistrationBody('users-service', 3001, { instanceId: 'u-1' })).expect(200);
    const check = { TTL: '60s', Status: 'passing' };
    const definition = { Name: 'search', ID: 's-1', Address: '10.0.0.9', Port: 9200, Check: check };
    await registry.http.put('/v1/agent/service/register').send(definition).expect(200);
    const reader = await start(clientOf(registry, { app: 'finder' }));
    expect(reader.getInstancesByAppId('users-service')).toMatchObject([
      { instanceId: 'u-1', status: 'UP', hostName: 'localhost', port: { $: 3001 } },
    ]);
    expect(reader.getInstancesByVipAddress('search')).toMatchObject([
      { instanceId: 's-1', hostName: '10.0.0.9', port: { $: 9200 } },
    ]);
  });
});

describe('with a token on the registry, Eureka’s client', () => {
  test('registers with it in its URL', async () => {
    const client = clientOf(guarded, { app: 'let-in', host: `eureka:${TOKEN}@127.0.0.1` });
    await start(client);
    await once(client, 'heartbeat');
    expect(await passing('let-in')).toEqual(['localhost']);
  });

  test.each([
    ['without it', '127.0.0.1'],
    ['with another', 'eureka:another-token-altogether@127.0.0.1'],
  ])('cannot register %s', async (_name, host) => {
    await expect(start(clientOf(guarded, { app: 'refused', host }))).rejects.toThrow('status: 401');
    expect(await passing('refused')).toEqual([]);
  });
});
