import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import type { TtlCheck } from '../src/domain/check.ts';
import { createTestStore, createDefinition, HEALTH_CHECK, GRACE_PERIOD_MS, TTL_MS } from './test-store.ts';

const store = createTestStore((await testRedis()).url);
afterAll(() => store.redis.disconnect());
beforeEach(() => store.empty());

const EVERY_S = TTL_MS / 3_000;
const MAX_SELF_PRESERVATION_MS = 600_000;

const ids = (count: number, prefix = 'i') => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

const beat = (instanceId: string) =>
  store.upsert({ definition: createDefinition(instanceId), state: 'up', ttlMs: TTL_MS });

/** Each sends a heartbeat every five seconds, spread over the seconds. */
function beating(instances: readonly string[]) {
  return async () => {
    const second = Math.round(store.now() / 1_000);
    for (const [at, instanceId] of instances.entries()) {
      if ((second + at) % EVERY_S === 0) await beat(instanceId);
    }
  };
}

async function registered(count: number): Promise<string[]> {
  const all = ids(count);
  for (const instanceId of all) await beat(instanceId);
  await store.pass(20_000, beating(all));
  return all;
}

const selfPreservation = async () => (await store.changesSince(await store.catalog())).selfPreservation;

describe('an instance that crashes alone', () => {
  test.each([1, 2, 3, 6])('among %i is removed within 20 s', async (count) => {
    const [, ...others] = await registered(count);
    await store.pass(20_000, beating(others));
    expect(await store.ids()).toEqual(others);
    expect((await selfPreservation()).active).toBe(false);
  });

  test('right after the start is removed within 20 s as well', async () => {
    const [, ...others] = ids(3);
    for (const instanceId of ids(3)) await beat(instanceId);
    await store.pass(20_000, beating(others));
    expect(await store.ids()).toEqual(others);
  });

  test('among a thousand is removed, and so is a tenth of them', async () => {
    const all = ids(1_000);
    for (const instanceId of all) await beat(instanceId);
    await store.pass(10_000, beating(all.slice(100)));
    await store.pass(10_000, beating(all.slice(100)));
    expect(await store.ids()).toHaveLength(900);
  });
});

describe('while nine of ten heartbeats do not arrive', () => {
  const losing = async () => {
    const all = await registered(20);
    const left = all.slice(18);
    await store.pass(60_000, beating(left));
    return { all, left };
  };

  test('no instance is removed, and self-preservation has its start, its latest end and its counts', async () => {
    const { all } = await losing();
    expect(await store.ids()).toHaveLength(all.length);
    const state = await selfPreservation();
    expect(state).toMatchObject({ active: true, expected: 20, renewed: 2 });
    expect(state.since).toBeGreaterThan(store.now() - 60_000);
    expect(state.until).toBe((state.since ?? 0) + MAX_SELF_PRESERVATION_MS);
  });

  test('it begins once, before the first removal', async () => {
    const all = await registered(20);
    const transitions: string[] = [];
    await store.pass(60_000, async () => {
      await beating(all.slice(18))();
      const { selfPreservationChange, expiredInstances } = await store.runExpiration();
      if (selfPreservationChange !== undefined) transitions.push(selfPreservationChange);
      expect(expiredInstances).toEqual([]);
    });
    expect(transitions).toEqual(['began']);
  });

  test('probes still count', async () => {
    await registered(20);
    const probed = createDefinition('probed', { checks: [HEALTH_CHECK] });
    await store.upsert({ definition: probed, state: 'up', ttlMs: TTL_MS });
    await store.pass(60_000);
    expect((await selfPreservation()).active).toBe(true);
    const seen = { status: 'critical', output: 'refused' } as const;
    await store.report({
      kind: 'http',
      checkId: HEALTH_CHECK.id,
      instance: probed,
      status: 'critical',
      observation: seen,
    });
    expect((await store.instances()).find(({ instanceId }) => instanceId === 'probed')?.state).toBe('down');
  });

  test('when they arrive again it ends, and only crashed instances are removed', async () => {
    const { all } = await losing();
    await store.pass(10_000 + GRACE_PERIOD_MS, beating(all.slice(2)));
    expect((await selfPreservation()).active).toBe(false);
    expect(await store.ids()).toEqual(all.slice(2).toSorted());
  });

  test('an instance that renews a little later than most stays', async () => {
    const { all } = await losing();
    const went = await store.during(async () => {
      await store.pass(10_000, beating(all.slice(2)));
      expect((await selfPreservation()).active).toBe(false);
      await store.pass(60_000, beating(all));
    });
    expect(went).toEqual([]);
  });

  test('after ten minutes overdue instances are removed, and it can begin again', async () => {
    const { left } = await losing();
    await store.pass(MAX_SELF_PRESERVATION_MS - 80_000, beating(left));
    expect(await store.ids()).toHaveLength(20);
    await store.pass(80_000, beating(left));
    expect(await store.ids()).toEqual(left.toSorted());
    expect(await selfPreservation()).toMatchObject({ active: false, expected: 2, renewed: 2 });
    await registered(20);
    await store.pass(60_000, beating(left));
    expect((await selfPreservation()).active).toBe(true);
  });
});

describe('TTL checks', () => {
  const check = (instanceId: string): TtlCheck => ({
    id: `${instanceId}:alive`,
    name: 'Alive',
    kind: 'ttl',
    initial: 'critical',
    ttlMs: TTL_MS,
    deregisterAfterMs: 60_000,
  });
  const say = (instanceId: string) => {
    const seen = { status: 'passing', output: '' } as const;
    return store.report({
      kind: 'ttl',
      checkId: `${instanceId}:alive`,
      status: 'passing',
      observation: seen,
    });
  };
  const sayAll = (all: readonly string[]) => async () => {
    for (const instanceId of all) await say(instanceId);
  };

  test('that are late together do not become critical, and a single late one does', async () => {
    const all = ids(10);
    for (const instanceId of all)
      await store.upsert({
        definition: createDefinition(instanceId, { checks: [check(instanceId)] }),
        state: 'up',
      });
    await store.pass(10_000, sayAll(all));
    await store.pass(30_000, sayAll(all.slice(1)));
    expect((await store.instances()).map(({ state }) => state)).toEqual(['down', ...ids(9).map(() => 'up')]);
    await store.pass(30_000);
    expect((await store.instances()).filter(({ state }) => state === 'up')).toHaveLength(9);
    expect(await selfPreservation()).toMatchObject({ active: true, expected: 9, renewed: 0 });
  });
});

describe('it does not begin with', () => {
  test('an emptied Redis', async () => {
    const all = await registered(20);
    await store.redis.flushdb();
    await store.pass(30_000, beating(all));
    expect(await store.ids()).toHaveLength(20);
    expect((await selfPreservation()).active).toBe(false);
  });

  test('a gap in expiration of any length, with any leases', async () => {
    const slow = ids(5, 'slow');
    const slowBeat = async () => {
      for (const instanceId of slow)
        await store.upsert({ definition: createDefinition(instanceId), state: 'up', ttlMs: 90_000 });
    };
    const all = await registered(20);
    await slowBeat();
    store.skip(3_600_000);
    await store.runExpiration();
    await store.pass(GRACE_PERIOD_MS + 14_000, beating(all));
    expect((await selfPreservation()).active).toBe(false);
    await slowBeat();
    await store.pass(30_000, beating(all));
    expect(await store.ids()).toHaveLength(25);
    expect((await selfPreservation()).active).toBe(false);
  });

  test('many unregistering instances', async () => {
    const all = await registered(20);
    for (const instanceId of all.slice(2)) await store.remove({ service: 'users', instanceId });
    await store.pass(20_000, beating(all.slice(0, 2)));
    expect(await selfPreservation()).toMatchObject({ active: false, expected: 2, renewed: 2 });
  });

  test('instances that renew at half of their lease', async () => {
    const all = ids(20);
    for (const instanceId of all) await beat(instanceId);
    for (let times = 0; times < 8; times += 1) {
      await store.pass(TTL_MS / 2);
      expect((await selfPreservation()).active).toBe(false);
      for (const instanceId of all) await beat(instanceId);
    }
  });
});
