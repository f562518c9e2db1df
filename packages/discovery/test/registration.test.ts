import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRegistration,
  createRegistryClient,
  RegistryRefused,
  type RegistrationComponent,
} from '@plaza/discovery';
import { eventually } from '@plaza/local-stack/testing';
import { anInstance, keepingLogger, soon, startRegistry, type TestRegistry } from './registry.ts';

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
  { incarnation = 1, everyMs = 50, urls = [registry.process.url] } = {},
) {
  const { state: _state, ttlMs: _ttl, ...self } = anInstance(service, 3001, { incarnation });
  const { logger, lines } = keepingLogger();
  const component = createRegistration({ registry: createRegistryClient({ urls }), self, logger, everyMs });
  open.push(component);
  return { ...component, lines };
}

async function passing(service: string) {
  return (await registry.client.passing(service, { index: 0, waitMs: 0, signal: soon() })).instances;
}

describe('a registration', () => {
  test('is in the registry once it is announced, whole', async () => {
    const { announce } = registration('whole');
    expect(await passing('whole')).toEqual([]);
    await announce?.();
    const { service, instanceId, url, version, weight, tags, metadata } = anInstance('whole', 3001);
    expect(await passing('whole')).toEqual([{ service, instanceId, url, version, weight, tags, metadata }]);
  });

  test('is back one heartbeat after the registry has lost everything', async () => {
    const { announce } = registration('lost');
    await announce?.();
    await registry.empty();
    await eventually(async () => expect(await passing('lost')).toHaveLength(1));
  });

  test('that drains passes no more, and still is in the registry', async () => {
    const { announce, drain } = registration('draining');
    await announce?.();
    await drain?.();
    expect(await passing('draining')).toEqual([]);
    const response = await fetch(`${registry.process.url}/heartbeat/draining`, { method: 'POST' });
    expect(response.status).toBe(200);
  });

  test('that closes is out of the registry, and stays out', async () => {
    const { announce, drain, close } = registration('closing', { everyMs: 1 });
    await announce?.();
    await drain?.();
    await close?.();
    const heartbeat = () => fetch(`${registry.process.url}/heartbeat/closing`, { method: 'POST' });
    expect((await heartbeat()).status).toBe(404);
    // A heartbeat of another service has gone round since: one of the closed one would have, too.
    await registration('other').announce?.();
    expect((await heartbeat()).status).toBe(404);
  });

  test('that was never announced leaves the one before it in its place', async () => {
    await registration('unborn', { incarnation: 1 }).announce?.();
    const { drain, close, lines } = registration('unborn', { incarnation: 2 });
    await drain?.();
    await close?.();
    expect(lines).toEqual([]);
    expect(await passing('unborn')).toHaveLength(1);
  });

  test('of an earlier process cannot take the id back, nor take out the later one', async () => {
    await registration('restarted', { incarnation: 2 }).announce?.();
    const earlier = registration('restarted', { incarnation: 1 });
    await earlier.announce?.();
    expect(earlier.registered()).toBe(false);
    await earlier.close?.();
    expect(await passing('restarted')).toHaveLength(1);
  });
});

describe('a registry that is away', () => {
  test('holds up neither start nor stop, is complained of once, and is told everything when it is back', async () => {
    await registry.process.stop();
    const { announce, registered, lines } = registration('late', { everyMs: 20 });
    await announce?.();
    expect(registered()).toBe(false);
    await registry.process.start();
    await eventually(async () => expect(await passing('late')).toHaveLength(1), 10_000);
    expect(registered()).toBe(true);
    expect(lines).toEqual(['not registered: trying again until it works', 'registered']);
  });

  test('is passed over for one that is there', async () => {
    const nobody = 'http://127.0.0.1:1';
    const { announce, registered } = registration('second', { urls: [nobody, registry.process.url] });
    await announce?.();
    expect(registered()).toBe(true);
  });
});

test('what the registry will not have is refused with its reason', async () => {
  const wrong = registry.client.upsert(anInstance('not a name', 3001), soon());
  await expect(wrong).rejects.toThrow(RegistryRefused);
  await expect(wrong).rejects.toThrow(/400: .*serviceName/);
});
