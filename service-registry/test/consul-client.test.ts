import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import Consul from 'consul';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let registry: TestRegistry;
/** The npm package `consul`, unchanged. */
let consul: Consul;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, REPORT_BACK_MS: '0' });
  consul = clientOf(registry);
});
afterAll(async () => {
  consul.destroy();
  await registry.stop();
});

function clientOf({ url }: TestRegistry, token?: string): Consul {
  const { hostname, port } = new URL(url);
  return new Consul({
    host: hostname,
    port: Number(port),
    ...(token === undefined ? {} : { defaults: { token } }),
  });
}

interface Entry {
  Service: { ID: string; Tags: string[]; Port: number };
  Checks: { CheckID: string; Status: string; Output: string }[];
}

const entries = async (service: string, options: object = {}): Promise<Entry[]> =>
  consul.health.service({ service, ...options });
const idsOf = (list: readonly Entry[]) => list.map(({ Service }) => Service.ID);
const passing = async (service: string) => idsOf(await entries(service, { passing: true }));
const ttl = { name: 'Alive', ttl: '60s', timeout: '1s' };

describe('a service that registers by Consul’s client', () => {
  test('is found while it passes, and not when it warns, fails or is removed', async () => {
    await consul.agent.service.register({
      name: 'web',
      id: 'web-1',
      address: '10.0.0.1',
      port: 80,
      check: ttl,
    });
    expect(await passing('web')).toEqual([]);
    await consul.agent.check.pass({ id: 'service:web-1', note: 'all is well' });
    expect(await passing('web')).toEqual(['web-1']);
    await consul.agent.check.warn('service:web-1');
    expect(await passing('web')).toEqual([]);
    expect((await entries('web'))[0]?.Checks).toMatchObject([
      { CheckID: 'service:web-1', Status: 'warning' },
    ]);
    await consul.agent.check.pass('service:web-1');
    await consul.agent.check.fail({ id: 'service:web-1', note: 'no more disk' });
    expect((await entries('web'))[0]?.Checks).toMatchObject([{ Status: 'critical', Output: 'no more disk' }]);
    await consul.agent.service.deregister('web-1');
    expect(await entries('web')).toEqual([]);
  });

  test('is critical after its TTL', async () => {
    await consul.agent.service.register({ name: 'late', check: { ...ttl, ttl: '300ms', status: 'passing' } });
    expect(await passing('late')).toEqual(['late']);
    await eventually(async () => expect(await passing('late')).toEqual([]));
    const [late] = await entries('late');
    expect(late?.Checks).toMatchObject([{ Status: 'critical', Output: 'TTL expired' }]);
    await consul.agent.check.pass('service:late');
    expect(await passing('late')).toEqual(['late']);
  });

  test('is in maintenance while that is enabled', async () => {
    await consul.agent.service.register({
      name: 'mended',
      id: 'mended-1',
      check: { ...ttl, status: 'passing' },
    });
    await consul.agent.service.maintenance({ id: 'mended-1', enable: true, reason: 'a new disk' });
    expect(await passing('mended')).toEqual([]);
    const [mended] = await entries('mended');
    expect(mended?.Checks).toMatchObject([
      { CheckID: '_service_maintenance:mended-1', Status: 'critical', Notes: 'a new disk' },
      { CheckID: 'service:mended-1', Status: 'passing' },
    ]);
    await consul.agent.service.maintenance({ id: 'mended-1', enable: false });
    expect(await passing('mended')).toEqual(['mended-1']);
  });

  test('is found by its tags, by a filter, in the catalog, at its agent and by the state of its checks', async () => {
    const place = { address: '10.0.0.2', port: 81, check: { ...ttl, status: 'passing' } };
    await consul.agent.service.register({ name: 'shop', id: 'shop-1', tags: ['blue', 'eu'], ...place });
    await consul.agent.service.register({
      name: 'shop',
      id: 'shop-2',
      tags: ['green'],
      ...place,
      check: ttl,
    });
    expect(idsOf(await entries('shop', { tag: 'blue' }))).toEqual(['shop-1']);
    expect(idsOf(await entries('shop', { filter: '"green" in Service.Tags' }))).toEqual(['shop-2']);
    expect(await consul.catalog.service.list()).toMatchObject({ shop: ['blue', 'eu', 'green'] });
    const nodes: { ServiceID: string; ServiceAddress: string }[] = await consul.catalog.service.nodes('shop');
    expect(nodes).toMatchObject([
      { ServiceID: 'shop-1', ServiceAddress: '10.0.0.2' },
      { ServiceID: 'shop-2', ServiceAddress: '10.0.0.2' },
    ]);
    expect(await consul.agent.services()).toMatchObject({ 'shop-1': { Service: 'shop', Port: 81 } });
    expect(await consul.agent.checks()).toMatchObject({ 'service:shop-2': { Status: 'critical' } });
    const critical: { CheckID: string }[] = await consul.health.state('critical');
    expect(critical.map(({ CheckID }) => CheckID)).toContain('service:shop-2');
    const checks: { CheckID: string }[] = await consul.health.checks('shop');
    expect(checks.map(({ CheckID }) => CheckID)).toEqual(['service:shop-1', 'service:shop-2']);
  });

  test('can get another check, and lose it', async () => {
    await consul.agent.service.register({ name: 'checked', check: { ...ttl, status: 'passing' } });
    await consul.agent.check.register({
      ...ttl,
      name: 'disk',
      serviceid: 'checked',
      notes: 'space left',
    });
    expect(await passing('checked')).toEqual([]);
    expect((await entries('checked'))[0]?.Checks).toMatchObject([
      { CheckID: 'disk', Status: 'critical', Notes: 'space left' },
      { CheckID: 'service:checked', Status: 'passing' },
    ]);
    await consul.agent.check.deregister('disk');
    expect(await passing('checked')).toEqual(['checked']);
  });
});

describe('Consul’s client watches', () => {
  test('a service, and sees each change', async () => {
    const seen: string[][] = [];
    const watch = consul.watch({
      method: consul.health.service,
      options: { service: 'watched', passing: 'true' },
    });
    watch.on('change', (list: Entry[]) => seen.push(idsOf(list)));
    await eventually(async () => expect(seen).toEqual([[]]));
    await consul.agent.service.register({ name: 'watched', check: { ...ttl, status: 'passing' } });
    await eventually(async () => expect(seen.at(-1)).toEqual(['watched']));
    await consul.agent.check.fail('service:watched');
    await eventually(async () => expect(seen.at(-1)).toEqual([]));
    watch.end();
  });

  test('the names of all services', async () => {
    const seen: string[][] = [];
    const watch = consul.watch({ method: consul.catalog.service.list, options: {} });
    watch.on('change', (services: object) => seen.push(Object.keys(services)));
    await eventually(async () => expect(seen.length).toBeGreaterThan(0));
    await registry.register(createRegistrationBody('announced', 3001)).expect(200);
    await eventually(async () => expect(seen.at(-1)).toContain('announced'));
    watch.end();
  });
});

test('Consul’s client reads the leader and the agent', async () => {
  const { host } = new URL(registry.url);
  expect(await consul.status.leader()).toBe(host);
  expect(await consul.status.peers()).toEqual([host]);
  expect(await consul.catalog.datacenters()).toEqual(['plaza']);
  expect(await consul.agent.self()).toMatchObject({ Config: { Datacenter: 'plaza' } });
});

test('Consul’s client gets the reason of an error', async () => {
  await expect(consul.agent.service.deregister('nobody')).rejects.toThrow('not found');
  await expect(consul.agent.check.pass('nobody')).rejects.toThrow('not found');
  await expect(entries('web', { filter: 'Nothing == 1' })).rejects.toThrow('Nothing');
  await expect(consul.kv.get('key')).rejects.toThrow('not implemented');
});

describe('with a token on the registry, Consul’s client', () => {
  const TOKEN = 'a-token-of-this-test';
  let guarded: TestRegistry;
  beforeAll(async () => {
    guarded = await startRegistry({ REDIS_URL: (await testRedis()).url, REGISTRY_TOKEN: TOKEN });
  });
  afterAll(() => guarded.stop());

  test.each([
    ['without it', undefined, 'Permission denied'],
    ['with another', 'another-token-altogether', 'ACL not found'],
  ])('%s cannot write, and can read', async (_name, token, words) => {
    const client = clientOf(guarded, token);
    await expect(client.agent.service.register({ name: 'refused' })).rejects.toThrow(words);
    expect(await client.health.service('refused')).toEqual([]);
    client.destroy();
  });

  test('with it can register, report and deregister', async () => {
    const client = clientOf(guarded, TOKEN);
    await client.agent.service.register({ name: 'let-in', check: ttl });
    await client.agent.check.pass('service:let-in');
    await client.agent.service.maintenance({ id: 'let-in', enable: true });
    await client.agent.service.deregister('let-in');
    client.destroy();
  });
});
