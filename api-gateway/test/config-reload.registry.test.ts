import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { createConfigFile, prefixRoutes, startGatewayWith } from './config-file.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let registry: ServiceProcess;
let known: TestUpstream;

beforeAll(async () => {
  registry = await startService('service-registry', { REDIS_URL: (await testRedis()).url });
  known = await startUpstream((_request, response) => response.end('served'));
  for (const serviceName of ['first-service', 'new-service'])
    await request(registry.url)
      .post('/register')
      .send({ serviceName, serviceUrl: known.url, healthCheckUrl: known.url })
      .expect(200);
});

afterAll(async () => {
  await registry.stop();
  await known.close();
});

/** The registry, except that it does not answer questions about this service. */
async function slowRegistry(service: string) {
  const answer = Promise.withResolvers<void>();
  let waiting = 0;
  const server = await startUpstream((incoming, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const forward = async () => {
      if (incoming.url?.includes(`/service/${service}?`) === true) {
        waiting += 1;
        await answer.promise;
      }
      const { status, headers, body } = await fetch(registry.url + incoming.url, { signal: gone.signal });
      response.writeHead(status, Object.fromEntries(headers));
      for await (const chunk of body ?? []) response.write(chunk);
      response.end();
    };
    forward().catch(() => response.destroy());
  });
  return { ...server, answer: answer.resolve, waiting: () => waiting };
}

const services = (...names: string[]) =>
  prefixRoutes(Object.fromEntries(names.map((name) => [`/${name}`, `http://${name}`])));

const status = async (gateway: Gateway, path: string) => (await request(gateway.url).get(path)).status;

describe('a service that is new in the configuration', () => {
  test('is not asked for before the registry has said who it is: no request fails', async () => {
    const slow = await slowRegistry('new-service');
    const gateway = await startGatewayWith(await createConfigFile(services('first-service')), {
      REGISTRY_URL: slow.url,
    });
    const posted = request(gateway.adminUrl())
      .post('/config')
      .send(services('first-service', 'new-service'))
      .then(({ status: code }) => code);
    await eventually(() => {
      expect(slow.waiting()).toBe(1);
    });
    expect(await status(gateway, '/new-service')).toBe(404);
    expect(await status(gateway, '/first-service')).toBe(200);
    slow.answer();
    expect(await posted).toBe(201);
    expect(await status(gateway, '/new-service')).toBe(200);
    await gateway.stop();
    await slow.close();
  });

  test('is there after a second at the latest, though the registry says nothing', async () => {
    const slow = await slowRegistry('new-service');
    const gateway = await startGatewayWith(await createConfigFile(services('first-service')), {
      REGISTRY_URL: slow.url,
    });
    const before = performance.now();
    await request(gateway.adminUrl())
      .post('/config')
      .send(services('first-service', 'new-service'))
      .expect(201);
    expect(performance.now() - before).toBeGreaterThan(900);
    expect(await status(gateway, '/new-service')).toBe(503);
    expect(await status(gateway, '/first-service')).toBe(200);
    slow.answer();
    await eventually(async () => {
      expect(await status(gateway, '/new-service')).toBe(200);
    });
    await gateway.stop();
    await slow.close();
  });

  test('by a file that is read while another is still waiting: the last one is in force', async () => {
    const slow = await slowRegistry('new-service');
    const file = await createConfigFile(services('first-service'));
    const gateway = await startGatewayWith(file, { REGISTRY_URL: slow.url });
    await file.replace(services('first-service', 'new-service'));
    await eventually(() => {
      expect(slow.waiting()).toBe(1);
    });
    await file.replace(services('new-service'));
    slow.answer();
    await eventually(async () => {
      expect(await status(gateway, '/first-service')).toBe(404);
    });
    expect(await status(gateway, '/new-service')).toBe(200);
    await gateway.stop();
    await slow.close();
  });
});
