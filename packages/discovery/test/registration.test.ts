import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRegistration,
  createRegistryClient,
  RegistryRefused,
  type RegistrationComponent,
} from '@plaza/discovery';
import { eventually } from '@plaza/local-stack/testing';
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

const open: RegistrationComponent[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (registration) => registration.close?.()));
});

function registration(
  service: string,
  { incarnation = 1, heartbeatIntervalMs = 50, urls = [registry.process.url] } = {},
) {
  const { state: _state, ttlMs: _ttl, ...self } = createTestRegistration(service, 3001, { incarnation });
  const { logger, lines } = recordingLogger();
  const component = createRegistration({
    registry: createRegistryClient({ urls }),
    self,
    logger,
    heartbeatIntervalMs,
  });
  open.push(component);
  return { ...component, lines };
}

async function passing(service: string) {
  return (await registry.client.passingInstances(service, { index: 0, waitMs: 0, signal: timeoutSignal() }))
    .instances;
}

describe('a registration', () => {
  test('is in the registry once it is announced, whole', async () => {
    const { onReady } = registration('whole');
    expect(await passing('whole')).toEqual([]);
    await onReady?.();
    const { service, instanceId, url, version, weight, tags, metadata } = createTestRegistration(
      'whole',
      3001,
    );
    expect(await passing('whole')).toEqual([{ service, instanceId, url, version, weight, tags, metadata }]);
  });

  test('is back one heartbeat after the registry has lost everything', async () => {
    const { onReady } = registration('lost');
    await onReady?.();
    await registry.flushRedis();
    await eventually(async () => expect(await passing('lost')).toHaveLength(1));
  });

  test('that drains passes no more, and still is in the registry', async () => {
    const { onReady, onDrain } = registration('draining');
    await onReady?.();
    await onDrain?.();
    expect(await passing('draining')).toEqual([]);
    const response = await fetch(`${registry.process.url}/heartbeat/draining`, { method: 'POST' });
    expect(response.status).toBe(200);
  });

  test('that closes is out of the registry, and stays out', async () => {
    const { onReady, onDrain, close } = registration('closing', { heartbeatIntervalMs: 1 });
    await onReady?.();
    await onDrain?.();
    await close?.();
    const heartbeat = () => fetch(`${registry.process.url}/heartbeat/closing`, { method: 'POST' });
    expect((await heartbeat()).status).toBe(404);
    // A heartbeat of another service has gone round since: one of the closed one would have, too.
    await registration('other').onReady?.();
    expect((await heartbeat()).status).toBe(404);
  });

  test('that was never announced leaves the one before it in its place', async () => {
    await registration('unborn', { incarnation: 1 }).onReady?.();
    const { onDrain, close, lines } = registration('unborn', { incarnation: 2 });
    await onDrain?.();
    await close?.();
    expect(lines).toEqual([]);
    expect(await passing('unborn')).toHaveLength(1);
  });

  test('of an earlier process cannot take the id back, nor take out the later one', async () => {
    await registration('restarted', { incarnation: 2 }).onReady?.();
    const earlier = registration('restarted', { incarnation: 1 });
    await earlier.onReady?.();
    expect(earlier.isRegistered()).toBe(false);
    await earlier.close?.();
    expect(await passing('restarted')).toHaveLength(1);
  });
});

describe('a registry that is away', () => {
  test('holds up neither start nor stop, is complained of once, and is told everything when it is back', async () => {
    await registry.process.stop();
    const { onReady, isRegistered, lines } = registration('late', { heartbeatIntervalMs: 20 });
    await onReady?.();
    expect(isRegistered()).toBe(false);
    await registry.process.start();
    await eventually(async () => expect(await passing('late')).toHaveLength(1), 10_000);
    expect(isRegistered()).toBe(true);
    expect(lines).toEqual(['instance_registration_failed', 'instance_registered']);
  });

  test('is passed over for one that is there', async () => {
    const unreachable = 'http://127.0.0.1:1';
    const { onReady, isRegistered } = registration('second', { urls: [unreachable, registry.process.url] });
    await onReady?.();
    expect(isRegistered()).toBe(true);
  });
});

test('what the registry will not have is refused with its reason', async () => {
  const wrong = registry.client.upsert(createTestRegistration('not a name', 3001), timeoutSignal());
  await expect(wrong).rejects.toThrow(RegistryRefused);
  await expect(wrong).rejects.toThrow(/400: .*serviceName/);
});
