import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { PREFIX } from '../src/data/scripts/redis-keys.ts';
import { createTestStore, createDefinition, GRACE_PERIOD_MS, TTL_MS } from './test-store.ts';

const store = createTestStore((await testRedis()).url);
const { pass, runExpiration, ids, instances } = store;
afterAll(() => store.redis.disconnect());
beforeEach(() => store.empty());

const LEADER_LEASE_MS = 3_000;

const upsert = (
  instanceId: string,
  more: { incarnation?: number; ttlMs?: number; version?: string } = {},
) => {
  const { incarnation, ttlMs = TTL_MS, version = '1.0.0' } = more;
  return store.upsert({
    definition: createDefinition(instanceId, { version }),
    state: 'up',
    ttlMs,
    incarnation,
  });
};

describe('a lease', () => {
  test('that is not renewed ends, and the instance is removed', async () => {
    await upsert('a');
    await pass(TTL_MS - 1);
    expect(await ids()).toEqual(['a']);
    await pass(1);
    expect(await ids()).toEqual([]);
  });

  test('is renewed by a heartbeat for its whole duration', async () => {
    await upsert('a');
    await pass(TTL_MS - 1);
    expect(await store.renew({ service: 'users' })).toEqual({ kind: 'renewed' });
    await pass(TTL_MS - 1);
    expect(await ids()).toEqual(['a']);
    await pass(1);
    expect(await ids()).toEqual([]);
  });

  test('has the duration that the instance declares', async () => {
    await upsert('quick', { ttlMs: 2_000 });
    await upsert('courses', { ttlMs: 300_000 });
    await pass(299_000);
    expect(await ids()).toEqual(['courses']);
    await pass(1_000);
    expect(await ids()).toEqual([]);
  });
});

describe('a gap in expiration, in which no instance could renew', () => {
  test('removes no instance', async () => {
    await upsert('a');
    store.skip(60_000);
    expect(await runExpiration()).toMatchObject({ kind: 'held' });
    expect(await ids()).toEqual(['a']);
  });

  test('gives all instances one lease to renew', async () => {
    await upsert('reports');
    await upsert('does-not');
    store.skip(60_000);
    await pass(5_000);
    await store.renew({ service: 'users', instanceId: 'reports' });
    await pass(GRACE_PERIOD_MS - 5_000);
    expect(await ids()).toEqual(['reports', 'does-not'].sort());
    await pass(1_000);
    expect(await ids()).toEqual(['reports']);
  });
});

describe('the leader that expires instances', () => {
  test('is one replica at a time', async () => {
    expect((await runExpiration('replica-1')).kind).toBe('swept');
    expect(await runExpiration('replica-2')).toMatchObject({ kind: 'other' });
    store.skip(LEADER_LEASE_MS - 1);
    expect(await runExpiration('replica-2')).toMatchObject({ kind: 'other' });
  });

  test('is another replica soon after the first has died', async () => {
    await upsert('a', { ttlMs: 1_000 });
    await runExpiration('replica-1');
    store.skip(LEADER_LEASE_MS);
    expect(await runExpiration('replica-2')).toMatchObject({ kind: 'swept', expiredInstances: ['users/a'] });
    expect(await runExpiration('replica-1')).toMatchObject({ kind: 'other' });
  });
});

describe('an incarnation', () => {
  test('that is later replaces the earlier one', async () => {
    await upsert('a', { incarnation: 1, version: 'old' });
    expect(await upsert('a', { incarnation: 2, version: 'new' })).toEqual({ kind: 'done' });
    expect(await instances()).toMatchObject([{ version: 'new', incarnation: 2 }]);
  });

  test.each([
    ['heartbeat', () => upsert('a', { incarnation: 1, version: 'old' })],
    ['renewal', () => store.renew({ service: 'users', instanceId: 'a', incarnation: 1 })],
    ['farewell', () => store.remove({ service: 'users', instanceId: 'a', incarnation: 1 })],
  ])('that is earlier has its late %s rejected', async (_name, call) => {
    await upsert('a', { incarnation: 2, version: 'new' });
    expect(await call()).toEqual({ kind: 'superseded' });
    expect(await instances()).toMatchObject([{ version: 'new', incarnation: 2 }]);
  });

  test('that has unregistered is not registered again by its own late heartbeat', async () => {
    await upsert('a', { incarnation: 2 });
    await store.remove({ service: 'users', instanceId: 'a', incarnation: 2 });
    expect(await upsert('a', { incarnation: 2 })).toEqual({ kind: 'superseded' });
    expect(await ids()).toEqual([]);
    expect(await upsert('a', { incarnation: 3 })).toEqual({ kind: 'done' });
  });

  test('that is absent is never rejected', async () => {
    await upsert('a', { incarnation: 2 });
    expect(await upsert('a')).toEqual({ kind: 'renewed' });
    await store.remove({ service: 'users' });
    expect(await upsert('a')).toEqual({ kind: 'done' });
  });
});

describe('the index', () => {
  const index = async () => (await store.catalog()).index;

  test('rises with visible changes only', async () => {
    const first = await index();
    await upsert('a');
    const second = await index();
    expect(second).toBeGreaterThan(first);
    await upsert('a');
    await store.renew({ service: 'users' });
    expect(await index()).toBe(second);
    await upsert('a', { version: '2.0.0' });
    expect(await index()).toBeGreaterThan(second);
  });

  test('of an emptied store is above all earlier ones, in another epoch', async () => {
    await upsert('a');
    const before = await store.catalog();
    await store.redis.flushdb();
    store.skip(1_000);
    const after = await store.changesSince(before);
    expect(after.index).toBeGreaterThan(before.index);
    expect(after.epoch).not.toBe(before.epoch);
    expect([after.isFull, after.changed]).toEqual([true, []]);
  });
});

test('an invalid value in the store is ignored, and its instance can register again', async () => {
  await upsert('good');
  await upsert('bad');
  await store.redis.hset(`${PREFIX}service:users`, 'bad', 'what is this?');
  expect(await store.renew({ service: 'users', instanceId: 'bad' })).toEqual({ kind: 'none' });
  await pass(TTL_MS - 1_000, () => upsert('good'));
  await pass(2_000, () => upsert('good'));
  expect(await ids()).toEqual(['good']);
  await upsert('bad');
  expect(await ids()).toEqual(['bad', 'good']);
});
