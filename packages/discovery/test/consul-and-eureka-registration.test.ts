import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRegistry, timeoutSignal, type TestRegistry } from './test-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const send = async (method: string, path: string, body: object) => {
  const response = await fetch(`${registry.process.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
};

const found = async (service: string) =>
  (await registry.client.passingInstances(service, { index: 0, waitMs: 0, signal: timeoutSignal() }))
    .instances;

test('an instance that Consul’s client registered is found with its version and its weight', async () => {
  const check = { TTL: '60s', Status: 'passing' };
  const place = { Address: '10.0.0.1', Port: 8080 };
  const said = { Weights: { Passing: 3 }, Meta: { version: '2.0.0', zone: 'eu' }, Check: check };
  await send('PUT', '/v1/agent/service/register', { Name: 'by-consul', ID: 'c-1', ...place, ...said });
  expect(await found('by-consul')).toMatchObject([
    { instanceId: 'c-1', url: 'http://10.0.0.1:8080', version: '2.0.0', weight: 3, metadata: { zone: 'eu' } },
  ]);
});

test('an instance that Eureka’s client registered is found at its secure port, where only that is open', async () => {
  const instance = {
    instanceId: 'e-1',
    app: 'BY-EUREKA',
    hostName: '10.0.0.2',
    ipAddr: '10.0.0.2',
    port: { $: 80, '@enabled': 'false' },
    securePort: { $: 8443, '@enabled': 'true' },
    dataCenterInfo: { name: 'MyOwn' },
    metadata: { version: '3.0.0', weight: '2' },
  };
  await send('POST', '/eureka/apps/BY-EUREKA', { instance });
  expect(await found('by-eureka')).toMatchObject([
    { instanceId: 'e-1', url: 'https://10.0.0.2:8443', version: '3.0.0', weight: 2 },
  ]);
});
