import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import type { InstanceState } from '../src/domain/instance.ts';
import { createTestStore, createDefinition, HEALTH_CHECK, TTL_MS } from './test-store.ts';

const store = createTestStore((await testRedis()).url);
afterAll(() => store.redis.disconnect());
beforeEach(() => store.empty());

const beat = (state: InstanceState = 'up', incarnation = 1) =>
  store.upsert({ definition: createDefinition('a'), state, ttlMs: TTL_MS, incarnation });

const ref = { service: 'users', instanceId: 'a' };
const maintain = (reason = 'a new disk', state: InstanceState = 'draining') =>
  store.override(ref, { state, reason, label: 'OUT_OF_SERVICE' });

const states = async () =>
  (await store.instances()).map(({ state, reportedState }) => [state, reportedState]);

describe('an override', () => {
  test('is the visible state, with its reason and start', async () => {
    await beat();
    store.skip(5_000);
    expect(await maintain()).toEqual({ kind: 'done' });
    expect(await store.instances()).toMatchObject([
      {
        state: 'draining',
        reportedState: 'up',
        override: { state: 'draining', reason: 'a new disk', label: 'OUT_OF_SERVICE', since: store.now() },
      },
    ]);
  });

  test('survives heartbeats, another definition and another process', async () => {
    await beat();
    await maintain();
    await beat();
    await store.renew(ref, 'up');
    await beat('up', 2);
    await store.upsert({
      definition: createDefinition('a', { version: '2.0.0' }),
      state: 'up',
      incarnation: 2,
    });
    expect(await states()).toEqual([['draining', 'up']]);
  });

  test('is ended by its own call', async () => {
    await beat();
    await maintain();
    expect(await store.override(ref, undefined)).toEqual({ kind: 'done' });
    expect(await states()).toEqual([['up', 'up']]);
  });

  test('ends with the instance', async () => {
    await beat();
    await maintain();
    await store.remove(ref);
    await beat('up', 2);
    expect(await states()).toEqual([['up', 'up']]);
  });

  test('can make a draining instance up, and not a down one', async () => {
    await beat('draining');
    await maintain('back again', 'up');
    expect(await states()).toEqual([['up', 'draining']]);
    await beat('down');
    expect(await states()).toEqual([['down', 'down']]);
  });

  test('without a difference ends no blocking query', async () => {
    await beat();
    await store.override(ref, undefined);
    await maintain();
    const { index } = await store.catalog();
    await maintain();
    expect((await store.catalog()).index).toBe(index);
    await maintain('another reason');
    expect((await store.catalog()).index).toBeGreaterThan(index);
  });

  test('of an unknown instance is an error', async () => {
    expect(await maintain()).toEqual({ kind: 'none' });
  });
});

test('the log has the latest changes first, with old and new value and the reason', async () => {
  const upsert = (version: string, incarnation: number, state: InstanceState = 'up') =>
    store.upsert({
      definition: createDefinition('a', { checks: [HEALTH_CHECK], version }),
      state,
      ttlMs: TTL_MS,
      incarnation,
    });
  const report = (status: 'passing' | 'critical') =>
    store.report({
      kind: 'http',
      checkId: HEALTH_CHECK.id,
      instance: ref,
      status,
      observation: { status, output: `it was ${status}` },
    });

  await upsert('1.0.0', 1);
  await upsert('1.0.0', 1);
  await upsert('2.0.0', 1);
  await upsert('2.0.0', 2);
  await upsert('2.0.0', 2, 'draining');
  await report('critical');
  await report('critical');
  await maintain();
  await store.override(ref, undefined);
  await store.pass(TTL_MS);
  await upsert('2.0.0', 3);
  await store.remove(ref);

  const log = await store.changeLog(20);
  expect(log.toReversed().map(({ at: _at, index: _index, ...entry }) => entry)).toEqual(
    [
      { kind: 'registered', to: 'up' },
      { kind: 'modified' },
      { kind: 'superseded' },
      { kind: 'declared', from: 'up', to: 'draining' },
      { kind: 'check', from: 'passing', to: 'critical', reason: 'Health: it was critical' },
      { kind: 'override', to: 'draining', reason: 'a new disk' },
      { kind: 'override-ended', from: 'draining', reason: 'a new disk' },
      { kind: 'expired', from: 'draining', reason: 'no heartbeat for 15 s' },
      { kind: 'registered', to: 'up' },
      { kind: 'unregistered' },
    ].map((entry) => ({ ...ref, ...entry })),
  );
  expect(log.map(({ index }) => index)).toEqual(log.map(({ index }) => index).toSorted((a, b) => b - a));
  expect(log[0]?.at).toBe(store.now());
  expect(await store.changeLog(1)).toHaveLength(1);
});

test('the log keeps the latest thousand entries', async () => {
  for (let at = 0; at < 1_010; at += 1)
    await store.upsert({ definition: createDefinition(`i-${at}`), state: 'up', ttlMs: 600_000 });
  const log = await store.changeLog(5_000);
  expect([log.length, log[0]?.instanceId]).toEqual([1_000, 'i-1009']);
});
