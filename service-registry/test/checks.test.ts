import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import type { CheckStatus, HttpCheck, TtlCheck } from '../src/domain/check.ts';
import { isPassing } from '../src/domain/instance.ts';
import { createTestStore, createDefinition, TTL_MS } from './test-store.ts';

const store = createTestStore((await testRedis()).url);
afterAll(() => store.redis.disconnect());
beforeEach(() => store.empty());

const CHECK_TTL_MS = 30_000;
const REAP_MS = 90_000;

const ttl = (id: string, more: Partial<TtlCheck> = {}): TtlCheck => ({
  id,
  name: 'Says so itself',
  kind: 'ttl',
  initial: 'critical',
  ttlMs: CHECK_TTL_MS,
  ...more,
});

const http = (id: string, more: Partial<HttpCheck> = {}): HttpCheck => ({
  id,
  name: 'Answers',
  kind: 'http',
  initial: 'passing',
  url: 'http://127.0.0.1:9/health',
  ...more,
});

const register = (
  instanceId: string,
  checks: (TtlCheck | HttpCheck)[],
  more: { incarnation?: number; ttlMs?: number; version?: string } = {},
) => {
  const { version = '1.0.0', ...lease } = more;
  return store.upsert({
    definition: createDefinition(instanceId, { checks, version }),
    state: 'up',
    ...lease,
  });
};

const say = (checkId: string, status: CheckStatus, output = 'it says so') =>
  store.report({ kind: 'ttl', checkId, status, observation: { status, output } });

const probed = (instanceId: string, checkId: string, status: CheckStatus, incarnation?: number) =>
  store.report({
    kind: 'http',
    checkId,
    instance: { service: 'users', instanceId },
    ...(incarnation === undefined ? {} : { incarnation }),
    status,
    observation: { status, output: `probed ${status}`, latencyMs: 3, httpStatus: 200 },
  });

async function only() {
  const [instance] = await store.instances();
  if (instance === undefined) throw new Error('No instance is registered.');
  return instance;
}

const statuses = async () => (await only()).checks.map(({ id, status }) => [id, status]);

describe('an instance without checks or a lease', () => {
  test('is up, and stays until it is unregistered', async () => {
    await register('a', []);
    await store.pass(700_000);
    expect(await only()).toMatchObject({ state: 'up', checks: [] });
    await store.remove({ service: 'users' });
    expect(await store.ids()).toEqual([]);
  });
});

describe('a lease', () => {
  test('is a check as well, which passes while the process reports up', async () => {
    await register('a', [], { ttlMs: TTL_MS });
    expect((await only()).checks).toMatchObject([{ kind: 'heartbeat', status: 'passing', ttlMs: TTL_MS }]);
    await store.renew({ service: 'users' }, 'draining');
    expect(await only()).toMatchObject({
      state: 'draining',
      checks: [{ kind: 'heartbeat', status: 'critical', output: 'draining' }],
    });
  });
});

describe('a TTL check', () => {
  test('starts as declared, and is found by its id alone', async () => {
    await register('a', [ttl('a:alive'), ttl('a:warm', { initial: 'passing' })]);
    expect(await statuses()).toEqual([
      ['a:alive', 'critical'],
      ['a:warm', 'passing'],
    ]);
    expect((await only()).state).toBe('down');
    expect(await say('a:alive', 'passing')).toEqual({ kind: 'done' });
    expect(await only()).toMatchObject({
      state: 'up',
      checks: [{ status: 'passing', output: 'it says so' }, {}],
    });
  });

  test('that warns is up and not passing', async () => {
    await register('a', [ttl('a:alive')]);
    await say('a:alive', 'warning');
    const instance = await only();
    expect([instance.state, isPassing(instance)]).toEqual(['up', false]);
    await say('a:alive', 'passing');
    expect(isPassing(await only())).toBe(true);
  });

  test('that is late is critical, and its instance stays listed', async () => {
    await register('a', [ttl('a:alive')]);
    await say('a:alive', 'passing');
    await store.pass(CHECK_TTL_MS - 1_000);
    expect(await statuses()).toEqual([['a:alive', 'passing']]);
    await store.pass(1_000);
    expect(await only()).toMatchObject({
      state: 'down',
      checks: [{ status: 'critical', output: 'TTL expired' }],
    });
    await store.pass(700_000);
    expect(await store.ids()).toEqual(['a']);
    await say('a:alive', 'passing');
    expect((await only()).state).toBe('up');
  });

  test('removes its instance after being critical for too long, and not before', async () => {
    await register('a', [ttl('a:alive', { deregisterAfterMs: REAP_MS })]);
    await say('a:alive', 'passing');
    await store.pass(CHECK_TTL_MS + REAP_MS - 1_000);
    expect(await store.ids()).toEqual(['a']);
    await store.pass(1_000);
    expect(await store.ids()).toEqual([]);
  });

  test('that stays critical does not extend the time until removal; a recovery ends it', async () => {
    await register('fails', [ttl('fails:alive', { deregisterAfterMs: REAP_MS })]);
    await register('recovers', [ttl('recovers:alive', { deregisterAfterMs: REAP_MS })]);
    await store.pass(REAP_MS / 2, () => say('fails:alive', 'critical'));
    await say('recovers:alive', 'passing');
    await store.pass(REAP_MS / 2, async () => {
      await say('fails:alive', 'critical');
      await say('recovers:alive', 'passing');
    });
    expect(await store.ids()).toEqual(['recovers']);
  });

  test('of an unknown instance, or of another kind, is not found', async () => {
    await register('a', [http('a:probe')]);
    expect(await say('a:none', 'passing')).toEqual({ kind: 'none' });
    expect(await say('a:probe', 'critical')).toEqual({ kind: 'none' });
    expect((await only()).state).toBe('up');
  });

  test('is removed with its instance', async () => {
    await register('a', [ttl('a:alive')]);
    await say('a:alive', 'passing');
    await store.remove({ service: 'users' });
    expect(await say('a:alive', 'passing')).toEqual({ kind: 'none' });
    await store.pass(CHECK_TTL_MS * 2);
    expect(await store.ids()).toEqual([]);
  });
});

describe('the state of a check', () => {
  test('survives heartbeats with the whole registration, and new definitions', async () => {
    await register('a', [http('health')], { ttlMs: TTL_MS, incarnation: 1 });
    await probed('a', 'health', 'critical');
    await register('a', [http('health')], { ttlMs: TTL_MS, incarnation: 1 });
    expect((await only()).state).toBe('down');
    await register('a', [http('health')], { ttlMs: TTL_MS, incarnation: 1, version: '2.0.0' });
    expect(await only()).toMatchObject({ state: 'down', version: '2.0.0' });
  });

  test('ends with the process', async () => {
    await register('a', [http('health')], { ttlMs: TTL_MS, incarnation: 1 });
    await probed('a', 'health', 'critical');
    await register('a', [http('health')], { ttlMs: TTL_MS, incarnation: 2 });
    expect((await only()).state).toBe('up');
    expect(await probed('a', 'health', 'critical', 1)).toEqual({ kind: 'superseded' });
    expect((await only()).state).toBe('up');
  });

  test('is removed with its check', async () => {
    await register('a', [http('one', { initial: 'critical' }), http('other')]);
    expect((await only()).state).toBe('down');
    await register('a', [http('other')]);
    expect([(await only()).state, await statuses()]).toEqual(['up', [['other', 'passing']]]);
    expect(await probed('a', 'one', 'critical')).toEqual({ kind: 'none' });
  });

  test('without a difference ends no blocking query', async () => {
    await register('a', [http('health')]);
    const { index } = await store.catalog();
    await probed('a', 'health', 'passing');
    expect((await store.catalog()).index).toBe(index);
    await probed('a', 'health', 'critical');
    expect((await store.catalog()).index).toBeGreaterThan(index);
  });
});

describe('the liveness of all instances', () => {
  test('has the latest of each check and the last heartbeat', async () => {
    await register('a', [http('health'), ttl('a:alive')], { ttlMs: TTL_MS });
    store.skip(2_000);
    await probed('a', 'health', 'passing');
    store.skip(1_000);
    await say('a:alive', 'passing', 'first');
    await say('a:alive', 'passing', 'second');
    const liveness = await store.liveness();
    const instance = await only();
    expect(liveness.lastHeartbeat(instance)).toBe(store.now() - 3_000);
    expect(liveness.lastObservation(instance, 'health')).toEqual({
      at: store.now() - 1_000,
      status: 'passing',
      output: 'probed passing',
      latencyMs: 3,
      httpStatus: 200,
    });
    expect(liveness.lastObservation(instance, 'a:alive')).toMatchObject({
      at: store.now(),
      output: 'second',
    });
    expect(liveness.lastObservation(instance, 'none')).toBeUndefined();
  });

  test('is removed with the instance', async () => {
    await register('a', [http('health')], { ttlMs: TTL_MS });
    await probed('a', 'health', 'passing');
    const instance = await only();
    await store.remove({ service: 'users' });
    const liveness = await store.liveness();
    expect([liveness.lastHeartbeat(instance), liveness.lastObservation(instance, 'health')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('keeps the true last heartbeat over a gap in expiration', async () => {
    await register('a', [], { ttlMs: TTL_MS });
    const beaten = store.now();
    await store.pass(2_000);
    store.skip(60_000);
    await store.runExpiration();
    expect((await store.liveness()).lastHeartbeat(await only())).toBe(beaten);
    await store.renew({ service: 'users' });
    expect((await store.liveness()).lastHeartbeat(await only())).toBe(store.now());
  });
});
