import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

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
async function instance(
  name: string,
  answer: RequestListener = (_request, response) => response.end(name),
): Promise<TestUpstream> {
  const upstream = await startUpstream(answer);
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
    const instances = [await instance('a'), await instance('b')];
    const gateway = await gatewayWith(['a', 'b']);
    // The registry asks them as well, how they are.
    const asked = () =>
      instances.map(({ requests }) => requests.filter(({ url }) => url === '/users/1').length);
    const [a = 0, b = 0] = asked();
    await answers(gateway, 10);
    expect(asked()).toEqual([a + 5, b + 5]);
  });

  test('come before the configured address', async () => {
    await instance('a');
    const configured = await startUpstream((_request, response) => response.end('configured'));
    closing.push(configured.close);
    await gatewayWith(['a'], { USERS_SERVICE_URL: configured.url });
  });

  test('replace one that refuses connections: no request fails, and the log reports it', async () => {
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
    ['GET', ''],
    ['POST', ''],
    ['POST', 'body'],
    ['PUT', 'a body of many parts '.repeat(100_000)],
  ])('stand in for one that is gone at a %s too, and get all of its body', async (method, body) => {
    const read = (incoming: IncomingMessage, response: ServerResponse) =>
      void text(incoming).then((came) => response.end(`${incoming.method} ${came.length}`));
    await instance('a', read);
    const b = await instance('b', read);
    const gateway = await gatewayWith(['GET 0']);
    await b.close();
    for (let time = 0; time < 4; time += 1) {
      const answer = await fetch(`${gateway.url}/api/users/1`, { method, ...(body === '' ? {} : { body }) });
      expect([answer.status, await answer.text()]).toEqual([200, `${method} ${body.length}`]);
    }
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => fields['retried'] === b.url).length).toBeGreaterThan(0);
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
