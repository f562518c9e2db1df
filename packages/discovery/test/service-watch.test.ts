import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createRegistryClient,
  createServiceWatch,
  type ServiceWatch,
  type ServiceWatchOptions,
} from '@plaza/discovery';
import { listen } from '@plaza/service-kit';
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

const open: ServiceWatch[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((watch) => watch.close()));
});

function watching(service: string, options: Partial<ServiceWatchOptions> & { urls?: string[] } = {}) {
  const { urls = [registry.process.url], ...rest } = options;
  const { logger, lines } = recordingLogger();
  const watch = createServiceWatch({
    registry: createRegistryClient({ urls }),
    service,
    logger,
    maxBackoffMs: 100,
    ...rest,
  });
  open.push(watch);
  return Object.assign(watch, { lines });
}

const ports = (watch: ServiceWatch) => watch.current().instances.map(({ url }) => Number(new URL(url).port));
const register = (...instance: Parameters<typeof createTestRegistration>) =>
  registry.client.upsert(createTestRegistration(...instance), timeoutSignal());

describe('a watch', () => {
  test('knows the passing instances once it has started, and follows them', async () => {
    await register('followed', 3001, { weight: 3, metadata: { zone: 'eu' } });
    const watch = watching('followed');
    await watch.start();
    expect(watch.current()).toMatchObject({
      source: 'registry',
      instances: [{ instanceId: 'followed-3001', weight: 3, metadata: { zone: 'eu' }, version: '1.0.0' }],
    });
    await register('followed', 3002);
    await eventually(() => expect(ports(watch)).toEqual([3001, 3002]));
    await register('followed', 3001, { state: 'draining' });
    await eventually(() => expect(ports(watch)).toEqual([3002]));
  });

  test('tells its listeners of each change, until they have heard enough', async () => {
    const watch = watching('heard');
    const heard: number[] = [];
    const enough = watch.onChange(({ instances }) => heard.push(instances.length));
    await watch.start();
    await register('heard', 3001);
    await eventually(() => expect(heard).toEqual([1]));
    enough();
    await register('heard', 3002);
    await eventually(() => expect(ports(watch)).toEqual([3001, 3002]));
    expect(heard).toEqual([1]);
  });

  test('gives the same object until something changes', async () => {
    const watch = watching('same', { waitMs: 10 });
    await watch.start();
    const before = watch.current();
    const age = watch.ageMs() ?? 0;
    await eventually(() => expect(watch.ageMs()).toBeLessThanOrEqual(age));
    expect(watch.current()).toBe(before);
  });
});

describe('without an instance in the registry', () => {
  test('a watch has its fallback, until there is one', async () => {
    const watch = watching('fallen', { fallbackUrl: 'http://localhost:9999/' });
    await watch.start();
    expect(watch.current()).toMatchObject({
      source: 'fallback',
      instances: [{ instanceId: 'fallback', url: 'http://localhost:9999' }],
    });
    await register('fallen', 3001);
    await eventually(() => expect(watch.current().source).toBe('registry'));
    expect(ports(watch)).toEqual([3001]);
  });

  test('and without a fallback, no instance', async () => {
    const watch = watching('unknown');
    await watch.start();
    expect(watch.current()).toEqual({
      service: 'unknown',
      source: 'none',
      instances: [],
      emptyReason: 'registry_empty',
    });
  });

  test('and without a registry, the fallback alone', async () => {
    const watch = watching('alone', { urls: [], fallbackUrl: 'http://localhost:9999' });
    await watch.start();
    expect(watch.current().source).toBe('fallback');
    expect(watch.ageMs()).toBeUndefined();
  });
});

describe('while the registry is away', () => {
  test('a watch keeps what it last knew, tells how old it is, says so once, and goes on when it is back', async () => {
    await register('kept', 3001);
    let now = 1_000_000;
    const watch = watching('kept', { now: () => now });
    await watch.start();
    await registry.process.kill();
    await eventually(() => expect(watch.lines).toEqual(['registry_lost']));
    now += 60_000;
    expect(ports(watch)).toEqual([3001]);
    expect(watch.ageMs()).toBe(60_000);

    await registry.process.start();
    await eventually(() => expect(watch.ageMs()).toBe(0));
    await register('kept', 3002);
    await eventually(() => expect(ports(watch)).toEqual([3001, 3002]));
    expect(watch.lines).toEqual(['registry_lost', 'registry_restored']);
  });

  test('a start is held up by it for no longer than one try', async () => {
    const watch = watching('held', { urls: ['http://127.0.0.1:1'], fallbackUrl: 'http://localhost:9999' });
    await watch.start();
    expect(watch.current().source).toBe('fallback');
  });

  test('a watch asks the next of several', async () => {
    await register('several', 3001);
    const watch = watching('several', { urls: ['http://127.0.0.1:1', registry.process.url] });
    await watch.start();
    expect(ports(watch)).toEqual([3001]);
  });

  test('a stop is not held up by a query that waits', async () => {
    const watch = watching('stopping', { waitMs: 600_000 });
    await watch.start();
    await watch.close();
    expect(watch.lines).toEqual([]);
  });
});

describe('a registry that lost everything', () => {
  test('is believed about who has reported back; the others are there for one lease more', async () => {
    await register('rebuilt', 3001);
    await register('rebuilt', 3002);
    let now = 1_000_000;
    const watch = watching('rebuilt', { now: () => now, waitMs: 20 });
    await watch.start();
    expect(ports(watch)).toEqual([3001, 3002]);

    const ages: number[] = [];
    watch.onChange(() => ages.push(ports(watch).length));
    await registry.flushRedis();
    await register('rebuilt', 3002, { version: '2.0.0' });
    await eventually(() =>
      expect(
        watch
          .current()
          .instances.map(({ version }) => version)
          .sort(),
      ).toEqual(['1.0.0', '2.0.0']),
    );
    await register('rebuilt', 3002, { state: 'draining' });
    await eventually(() => expect(ports(watch)).toEqual([3001]));
    now += 15_000;
    await eventually(() => expect(ports(watch)).toEqual([]));
    expect(ages.slice(0, -1)).not.toContain(0);
  });
});

test('what answers and is no registry changes nothing', async () => {
  const liar = await listen(
    (_request, response) => response.end('<html>Welcome to nginx!</html>'),
    0,
    '127.0.0.1',
  );
  const urls = [`http://127.0.0.1:${liar.port}`];
  const watch = watching('lied-to', { urls, fallbackUrl: 'http://localhost:9999' });
  await watch.start();
  expect(watch.current().source).toBe('fallback');
  expect(watch.lines).toHaveLength(1);
  await watch.close();
  await liar.close();
});
