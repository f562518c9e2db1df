import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { eventually } from './eventually.ts';
import { startGateway, startUpstream, type Gateway, type Upstream } from './test-gateway.ts';

let registry: ServiceProcess;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const { url } = await testRedis();
  registry = await startService('service-registry', { REDIS_URL: url });
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

afterAll(() => registry.stop());

/** A users service that says its name and answers health checks, known to the registry. */
async function instance(name: string): Promise<Upstream> {
  const upstream = await startUpstream((_request, response) => response.end(name));
  const body = { serviceName: 'users-service', serviceUrl: upstream.url, instanceId: name };
  const { status } = await request(registry.url)
    .post('/register')
    .send({ ...body, healthCheckUrl: upstream.url });
  expect(status).toBe(200);
  closing.push(async () => {
    await request(registry.url).delete('/unregister/users-service').query({ instanceId: name });
    if (upstream.server.listening) await upstream.close();
  });
  return upstream;
}

async function gatewayWith(names: string[], environment: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await startGateway({ REGISTRY_URL: registry.url, ...environment });
  closing.push(gateway.stop);
  await eventually(async () => {
    expect(await answers(gateway, 2 * names.length)).toEqual(new Set(names));
  });
  return gateway;
}

async function answers(gateway: Gateway, times: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let time = 0; time < times; time += 1) seen.add((await request(gateway.url).get('/api/users/1')).text);
  return seen;
}

describe('instances that the registry knows', () => {
  test('are asked in turn', async () => {
    const [a, b] = [await instance('a'), await instance('b')];
    const gateway = await gatewayWith(['a', 'b']);
    const before = [a.requests.length, b.requests.length];
    await answers(gateway, 10);
    expect([a, b].map(({ requests }, index) => requests.length - (before[index] ?? 0))).toEqual([5, 5]);
  });

  test('come before the configured address', async () => {
    await instance('a');
    const configured = await startUpstream((_request, response) => response.end('configured'));
    closing.push(configured.close);
    await gatewayWith(['a'], { USERS_SERVICE_URL: configured.url });
  });

  test('stand in for one that refuses: nobody notices, and the log says it', async () => {
    await instance('a');
    const b = await instance('b');
    const gateway = await gatewayWith(['a', 'b']);
    await b.close();
    for (let time = 0; time < 6; time += 1) {
      const response = await request(gateway.url).get('/api/users/1');
      expect([response.status, response.text]).toEqual([200, 'a']);
    }
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => fields['retried'] === b.url).length).toBeGreaterThan(0);
    });
  });

  test.each([
    ['is not idempotent', 'POST', ''],
    ['has a body', 'PUT', 'body'],
  ])('do not stand in for a call that %s: 502', async (_name, method, body) => {
    const [a, b] = [await instance('a'), await instance('b')];
    const gateway = await gatewayWith(['a', 'b']);
    await b.close();
    const before = a.requests.length;
    const send = () => fetch(`${gateway.url}/api/users/1`, { method, ...(body === '' ? {} : { body }) });
    const answered = [await send(), await send()];
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200, 502]));
    expect(a.requests.length - before).toBe(1);
    const problem: unknown = await answered.find(({ status }) => status === 502)?.json();
    expect(problem).toMatchObject({
      code: 'bad_gateway',
      message: 'users-service does not take connections.',
    });
  });

  test('that are all gone leave a 502 and no endless search', async () => {
    const [a, b] = [await instance('a'), await instance('b')];
    const gateway = await gatewayWith(['a', 'b']);
    await Promise.all([a.close(), b.close()]);
    const response = await request(gateway.url).get('/api/users/1');
    expect([response.status, response.body.code]).toEqual([502, 'bad_gateway']);
  });
});

test('the gateway registers itself and leaves when it stops', async () => {
  const gateway = await startGateway({ REGISTRY_URL: registry.url, SERVICE_URL: 'http://127.0.0.1:3000' });
  const names = async () => {
    const { body } = await request(registry.url).get('/services');
    return body.services.map(({ name }: { name: string }) => name);
  };
  await eventually(async () => expect(await names()).toContain('api-gateway'));
  await gateway.stop();
  expect(await names()).not.toContain('api-gateway');
});
