import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { instancesWithId } from '../src/domain/catalog.ts';
import type { Instance } from '../src/domain/instance.ts';
import {
  createRecentlyChangedQueue,
  type RecentlyChangedQueue,
} from '../src/domain/recently-changed-queue.ts';
import { createTestStore, createDefinition } from './test-store.ts';

const store = createTestStore((await testRedis()).url);
afterAll(() => store.redis.disconnect());
beforeEach(() => store.empty());

const up = (id: string, more = {}) => store.upsert({ definition: createDefinition(id, more), state: 'up' });

const seen = (transitions: Awaited<ReturnType<typeof store.during>>) =>
  transitions.map(({ kind, instance }) => `${kind} ${instance.instanceId} ${instance.version}`);

test('a reader sees added, changed and removed instances, the latter in their last state', async () => {
  await up('stays');
  await up('changes');
  await up('goes');
  const transitions = await store.during(async () => {
    await up('comes');
    await up('changes', { version: '2.0.0' });
    await store.remove({ service: 'users', instanceId: 'goes' });
  });
  expect(seen(transitions).sort()).toEqual([
    'added comes 1.0.0',
    'deleted goes 1.0.0',
    'modified changes 2.0.0',
  ]);
});

test('a reader of an emptied store sees all missing instances as removed', async () => {
  await up('stays');
  await up('goes');
  const transitions = await store.during(async () => {
    await store.redis.flushdb();
    store.skip(1_000);
    await up('stays');
  });
  expect(seen(transitions).sort()).toEqual(['deleted goes 1.0.0', 'modified stays 1.0.0']);
});

test('a reader older than the remembered removals reads the whole catalog', async () => {
  await up('stays');
  const before = await store.catalog();
  for (let hundred = 0; hundred <= 50; hundred += 1) {
    const ids = Array.from({ length: 100 }, (_, at) => `goes-${hundred}-${at}`);
    await Promise.all(ids.map((id) => up(id)));
    await Promise.all(ids.map((instanceId) => store.remove({ service: 'users', instanceId })));
  }
  const delta = await store.changesSince(before);
  expect([delta.isFull, delta.changed.map(({ instanceId }) => instanceId)]).toEqual([true, ['stays']]);
});

test('an instance is found by its id alone, in each service with that id', async () => {
  await up('a');
  await up('a', { service: 'posts' });
  await up('b');
  const found = instancesWithId(await store.catalog(), 'a');
  expect(found.map(({ service }) => service).sort()).toEqual(['posts', 'users']);
});

describe('the recently changed queue', () => {
  const instance = async (instanceId: string): Promise<Instance> => {
    await up(instanceId);
    const found = (await store.instances()).find((each) => each.instanceId === instanceId);
    if (found === undefined) throw new Error(`${instanceId} is not registered.`);
    return found;
  };
  const told = (log: RecentlyChangedQueue, now: number) =>
    log.entries(now).map(({ kind, instance, at }) => `${kind} ${instance.instanceId} ${at}`);

  test('has the last change of each instance, for the retention time', async () => {
    const [a, b] = [await instance('a'), await instance('b')];
    const log = createRecentlyChangedQueue(100, 10);
    log.add([{ kind: 'added', instance: a }], 1_000);
    log.add([{ kind: 'added', instance: b }], 1_050);
    log.add([{ kind: 'deleted', instance: a }], 1_060);
    expect(told(log, 1_149)).toEqual(['added b 1050', 'deleted a 1060']);
    expect(told(log, 1_150)).toEqual(['deleted a 1060']);
    expect(told(log, 1_160)).toEqual([]);
  });

  test('is limited to a number of instances', async () => {
    const all = [await instance('a'), await instance('b'), await instance('c')];
    const log = createRecentlyChangedQueue(100, 2);
    log.add(
      all.map((each) => ({ kind: 'added', instance: each }) as const),
      1_000,
    );
    expect(told(log, 1_000)).toEqual(['added b 1000', 'added c 1000']);
  });
});
