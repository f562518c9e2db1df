import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { freePort, startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaza-reasons-'));
const closing: (() => Promise<unknown>)[] = [];
let registry: ServiceProcess;
let late: TestUpstream;
let withRegistry: Gateway;
let withoutRegistry: Gateway;

const service = (name: string, url: string, more: object = {}) => ({
  name,
  url,
  ...more,
  routes: [{ name, paths: [`/${name}`] }],
});

beforeAll(async () => {
  registry = await startService('service-registry', { REDIS_URL: (await testRedis()).url });
  late = await startUpstream(() => undefined);
  const refused = `127.0.0.1:${await freePort()}`;
  const file = join(folder, 'gateway.json');
  const config = {
    _format_version: '3.0',
    services: [
      service('missing', 'http://missing-service'),
      service('failing', 'http://failing-service'),
      service('refused', `http://${refused}`),
      service('opened', `http://127.0.0.1:${await freePort()}`),
      service('late', late.url, { read_timeout: 50 }),
      service('weightless', 'http://weightless'),
      service('unselected', 'http://unselected'),
    ],
    routes: [{ name: 'nothing', paths: ['/nothing'] }],
    upstreams: [
      { name: 'weightless', targets: [{ target: refused, weight: 0 }] },
      { name: 'unselected', targets: [{ target: 'version=9' }] },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  const environment = { GATEWAY_CONFIG: file };
  withoutRegistry = await startGateway(environment);
  withRegistry = await startGateway({ ...environment, REGISTRY_URL: registry.url });
  closing.push(withRegistry.stop, withoutRegistry.stop, late.close);
  for (const serviceName of ['failing-service', 'unselected']) {
    const { status } = await request(registry.url)
      .post('/register')
      .send({ serviceName, serviceUrl: `http://${refused}`, instanceId: serviceName });
    expect(status).toBe(200);
  }
});

afterAll(async () => {
  for (const close of closing) await close();
  await registry.stop();
  rmSync(folder, { recursive: true });
});

/** The reason in the body; the access log and the metric have to say the same. */
async function reasonOf(gateway: Gateway, path: string): Promise<string> {
  const id = crypto.randomUUID();
  const { body, status } = await request(gateway.url).get(path).query({ id });
  const { reason, code } = body;
  await eventually(() => {
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({
        event: 'response_sent',
        fields: expect.objectContaining({ url: `${path}?id=${id}`, status, reason }),
      }),
    );
  });
  const { text } = await request(gateway.adminUrl()).get('/metrics');
  expect(text).toMatch(
    new RegExp(
      `^http_server_unavailable_total\\{code="${code}",reason="${reason}",dependency="".*\\} [1-9]`,
      'm',
    ),
  );
  return `${status} ${reason}`;
}

describe('the reason of a response that is 502, 503 or 504', () => {
  test.each([
    ['/missing', '503 registry_not_configured'],
    ['/refused', '502 connect_refused'],
    ['/late', '504 response_timeout'],
    ['/weightless', '503 zero_weight'],
    ['/nothing', '503 route_without_service'],
  ])('of %s is the same in the body, the access log and the metric', async (path, reason) => {
    expect(await reasonOf(withoutRegistry, path)).toBe(reason);
  });

  test('is that the circuit is open, after five failures', async () => {
    for (let times = 0; times < 5; times += 1)
      expect(await reasonOf(withoutRegistry, '/opened')).toBe('502 connect_refused');
    expect(await reasonOf(withoutRegistry, '/opened')).toBe('503 breaker_open');
  });

  test('is that the registry has no instance, or that no target selects one', async () => {
    await eventually(async () => expect(await reasonOf(withRegistry, '/missing')).toBe('503 registry_empty'));
    await eventually(async () =>
      expect(await reasonOf(withRegistry, '/unselected')).toBe('503 no_target_matches'),
    );
  });

  test('is that no instance passes, where those that are registered do not accept traffic', async () => {
    await eventually(async () =>
      expect(await reasonOf(withRegistry, '/failing')).toBe('502 connect_refused'),
    );
    const draining = await request(registry.url).post('/heartbeat/failing-service').send({
      serviceName: 'failing-service',
      serviceUrl: 'http://127.0.0.1:1',
      instanceId: 'failing-service',
      state: 'draining',
    });
    expect(draining.status).toBe(200);
    await eventually(async () =>
      expect(await reasonOf(withRegistry, '/failing')).toBe('503 no_instance_passing'),
    );
  });
});
