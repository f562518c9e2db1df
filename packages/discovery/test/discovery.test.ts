import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDiscovery, discoveryConfig } from '@plaza/discovery';
import { eventually } from '@plaza/local-stack/testing';
import { baseConfig, createChassis, readConfig } from '@plaza/service-kit';
import { z } from 'zod';
import {
  createTestRegistration,
  recordingLogger,
  timeoutSignal,
  startRegistry,
  type TestRegistry,
} from './test-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const schema = z.object({ ...baseConfig(3001, 'things-service'), ...discoveryConfig });

function service(environment: Record<string, string>) {
  const config = readConfig(schema, { NODE_ENV: 'test', DRAIN_MS: '0', ...environment });
  const chassis = createChassis(config, recordingLogger().logger);
  return { ...chassis, discovery: createDiscovery(chassis) };
}

const passing = async (name: string) =>
  (await registry.client.passingInstances(name, { index: 0, waitMs: 0, signal: timeoutSignal() })).instances;

test('a service is found by others from its start to its stop', async () => {
  const things = service({
    REGISTRY_URL: registry.process.url,
    SERVICE_URL: 'http://localhost:3001',
    SERVICE_WEIGHT: '9',
    SERVICE_TAGS: 'green, eu',
    SERVICE_VERSION: '2.0.0',
  });
  const other = service({ REGISTRY_URL: registry.process.url, SERVICE_NAME: 'other-service', PORT: '3002' });
  await things.lifecycle.start();
  const watch = other.discovery.watch('things-service');
  await other.lifecycle.start();
  expect(watch.current().instances).toEqual([
    {
      service: 'things-service',
      instanceId: expect.stringMatching(/^things-service-.+-3001$/),
      url: 'http://localhost:3001',
      version: '2.0.0',
      weight: 9,
      tags: ['green', 'eu'],
      metadata: {},
    },
  ]);
  expect((await other.health.report()).checks['externalServices']?.['registry']).toMatchObject({
    status: 'healthy',
    urls: [registry.process.url],
    watching: { 'things-service': { instances: 1, source: 'registry', ageSeconds: 0 } },
  });
  const { text } = await other.metrics.expose();
  expect(text).toMatch(/discovery_instances\{upstream="things-service",source="registry".*\} 1/);
  expect(text).toMatch(/discovery_age_seconds\{upstream="things-service".*\} 0/);

  await things.lifecycle.stop(async () => {
    expect(await passing('things-service')).toEqual([]);
  });
  await other.lifecycle.stop(async () => undefined);
});

test('a watch that is made later begins at once, and one name has one watch', async () => {
  const { discovery, lifecycle } = service({ REGISTRY_URL: registry.process.url });
  await lifecycle.start();
  const watch = discovery.watch('later-service', 'http://localhost:9999');
  expect(discovery.watch('later-service')).toBe(watch);
  await new Promise<void>((resolve) => {
    watch.onChange(() => resolve());
    void registry.client.upsert(createTestRegistration('later-service', 3003), timeoutSignal());
  });
  expect(watch.current().source).toBe('registry');
  await lifecycle.stop(async () => undefined);
});

test('without REGISTRY_URL a service starts and stops, and a watch has its fallback', async () => {
  const { discovery, lifecycle, health } = service({});
  const watch = discovery.watch('users-service', 'http://localhost:3001');
  await lifecycle.start();
  expect(watch.current()).toMatchObject({
    source: 'fallback',
    instances: [{ url: 'http://localhost:3001' }],
  });
  expect((await health.report()).checks['externalServices']).toEqual({ status: 'healthy' });
  expect(await lifecycle.stop(async () => undefined)).toBe(true);
});

test('what is known is shown with its age while the registry is away', async () => {
  const mine = await startRegistry();
  const { discovery, lifecycle, health, metrics } = service({ REGISTRY_URL: mine.process.url });
  await lifecycle.start();
  discovery.watch('things-service');
  await mine.stop();
  await eventually(async () => {
    expect((await health.report()).checks['externalServices']?.['registry']).toMatchObject({
      error: expect.stringMatching(/^not registered: going on with what was known [1-9]\d* s ago$/),
    });
  }, 20_000);
  expect((await metrics.expose()).text).toMatch(/discovery_age_seconds\{.*\} [1-9]/);
  await lifecycle.stop(async () => undefined);
}, 30_000);

test('a registry that is away leaves a service ready, and /health says so', async () => {
  const { lifecycle, health } = service({ REGISTRY_URL: 'http://127.0.0.1:1' });
  await lifecycle.start();
  expect(await health.ready()).toEqual({ ready: true, reasons: [] });
  expect((await health.report()).checks['externalServices']).toMatchObject({
    status: 'unhealthy',
    registry: { error: 'not registered' },
  });
  expect(await lifecycle.stop(async () => undefined)).toBe(true);
});

test.each([
  ['several, with commas', ' http://a:4000/, http://b:4000', ['http://a:4000', 'http://b:4000']],
  ['none', '', []],
])('REGISTRY_URL may name %s', (_name, text, expected) => {
  expect(readConfig(schema, { REGISTRY_URL: text }).REGISTRY_URL).toEqual(expected);
});

test('REGISTRY_URL that is no URL is named as a mistake', () => {
  expect(() => readConfig(schema, { REGISTRY_URL: 'http://a:4000,registry' })).toThrow(/REGISTRY_URL/);
});
