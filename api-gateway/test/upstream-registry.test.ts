import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ServiceInstance, ServiceWatch } from '@plaza/discovery';
import { eventually } from '@plaza/local-stack/testing';
import { createMetrics, type Logger } from '@plaza/service-kit';
import type {
  ActiveHealthcheck,
  PassiveHealthcheck,
  UpstreamEntity,
} from '../src/kong-config/model/entities.ts';
import type { Endpoint } from '../src/balancer/endpoint.ts';
import type { Upstream } from '../src/balancer/upstream.ts';
import {
  createUpstreamRegistry,
  implicitUpstream,
  type UpstreamRegistry,
} from '../src/balancer/upstream-registry.ts';
import { portOf } from './test-gateway.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const quiet: Logger = { error() {}, warn() {}, info() {}, debug() {} };

const instance = (instanceId: string, version = '1.0.0', weight = 1): ServiceInstance => ({
  service: 'users-service',
  instanceId,
  url: `http://${instanceId}.test:3001`,
  version,
  weight,
  tags: instanceId === 'a' ? ['ssd'] : [],
  metadata: { region: instanceId === 'a' ? 'eu' : 'us' },
});

/** A registry of the test's: who is there can change. */
function registryOf(...first: ServiceInstance[]) {
  let instances: readonly ServiceInstance[] = first;
  let snapshot = { service: 'users-service', instances, source: 'registry' as const };
  const watch: Pick<ServiceWatch, 'current'> = { current: () => snapshot };
  return {
    // Upstreams read the list and nothing else of a watch.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    watch: () => watch as ServiceWatch,
    become: (...others: ServiceInstance[]) => {
      instances = others;
      snapshot = { service: 'users-service', instances, source: 'registry' };
    },
  };
}

function upstreamsOver(registry: ReturnType<typeof registryOf>): UpstreamRegistry {
  const { registry: metrics } = createMetrics({ service: 'example', version: '1' });
  const circuit = { failureThreshold: 5, resetTimeout: 10_000 };
  const upstreams = createUpstreamRegistry({ watch: registry.watch, logger: quiet, metrics, circuit });
  closing.push(() => upstreams.close());
  return upstreams;
}

const address = { protocol: 'http:', host: 'users-service', port: undefined } as const;

function declared(parts: Partial<UpstreamEntity> & { weights?: Record<string, number> }): UpstreamEntity {
  const { weights = {}, ...rest } = parts;
  const targets = Object.entries(weights).map(([target, weight]) => ({
    id: target,
    target,
    weight,
    tags: new Set<string>(),
  }));
  return { ...implicitUpstream('users-service'), targets, ...rest };
}

/** The upstream of this configuration, and all others there are. */
function upstreamOf(
  parts: Parameters<typeof declared>[0],
  registry = registryOf(instance('a'), instance('b')),
) {
  const upstreams = upstreamsOver(registry);
  upstreams.configure([declared(parts)]);
  return { upstreams, upstream: upstreams.resolve(address), registry };
}

function shares(
  upstream: Upstream,
  picks: number,
  by: (endpoint: Endpoint) => string,
): Record<string, number> {
  const picked = Array.from({ length: picks }, () => upstream.pick()).filter(
    (endpoint) => endpoint !== undefined,
  );
  return Object.fromEntries([...Map.groupBy(picked, by)].map(([name, all]) => [name, all.length]));
}

const byId = ({ instanceId }: Endpoint) => instanceId;
const byVersion = ({ version }: Endpoint) => version;

describe('a name of the registry', () => {
  test('is balanced over its instances, by their weights', () => {
    const upstream = upstreamsOver(registryOf(instance('a'), instance('b', '1.0.0', 3))).resolve(address);
    expect(shares(upstream, 40, byId)).toEqual({ a: 10, b: 30 });
  });

  test('has no instance where there is none', () => {
    expect(upstreamsOver(registryOf()).resolve(address).pick()).toBeUndefined();
  });

  test('follows who comes and goes', () => {
    const registry = registryOf(instance('a'));
    const upstream = upstreamsOver(registry).resolve(address);
    registry.become(instance('b'), instance('c'));
    expect(Object.keys(shares(upstream, 10, byId)).toSorted()).toEqual(['b', 'c']);
  });

  test('with a port is that address, without a retry elsewhere', () => {
    const upstream = upstreamsOver(registryOf(instance('a'))).resolve({ ...address, port: 8080 });
    const only = upstream.pick();
    expect(only?.url).toBe('http://users-service:8080');
    expect(upstream.pick(undefined, only)).toBeUndefined();
  });

  test('is removed once no configuration uses it, and resolved again later', () => {
    const upstreams = upstreamsOver(registryOf(instance('a')));
    const elsewhere = { ...address, port: 8080 };
    const [byName, byPort] = [upstreams.resolve(address), upstreams.resolve(elsewhere)];
    upstreams.configure([{ ...implicitUpstream('declared'), targets: [] }]);
    upstreams.prune([address]);
    expect(upstreams.resolve(address)).toBe(byName);
    expect(upstreams.get('http://users-service:8080')).toBeUndefined();
    expect(upstreams.get('declared')).toBeDefined();
    expect(upstreams.resolve(elsewhere)).not.toBe(byPort);
    expect(byPort.pick()?.url).toBe('http://users-service:8080');
  });
});

describe('targets', () => {
  const two = () => registryOf(instance('a'), instance('b'), instance('c'), instance('d', '2.0.0'));

  test('that select a version share the traffic by their weights, however many instances each has', () => {
    const { upstream } = upstreamOf({ weights: { 'version=1.0.0': 90, 'version=2.0.0': 10 } }, two());
    expect(shares(upstream, 1_000, byVersion)).toEqual({ '1.0.0': 900, '2.0.0': 100 });
  });

  test('are moved by one call, to nothing and back', () => {
    const { upstream } = upstreamOf({ weights: { 'version=1.0.0': 90, 'version=2.0.0': 0 } }, two());
    expect(shares(upstream, 100, byVersion)).toEqual({ '1.0.0': 100 });
    expect(upstream.setWeight('version=2.0.0', 10)).toBe(true);
    expect(shares(upstream, 100, byVersion)).toEqual({ '1.0.0': 90, '2.0.0': 10 });
    upstream.setWeight('version=2.0.0', 0);
    expect(shares(upstream, 100, byVersion)).toEqual({ '1.0.0': 100 });
    expect(upstream.setWeight('version=3.0.0', 10)).toBe(false);
  });

  test('of weight 0 get no request, even where there is no other target', () => {
    const { upstream } = upstreamOf({ weights: { 'version=2.0.0': 0 } }, two());
    expect(upstream.pick()).toBeUndefined();
  });

  test('leave their share to the others while they have no endpoint', () => {
    const { upstream, registry } = upstreamOf(
      { weights: { 'version=1.0.0': 50, 'version=2.0.0': 50 } },
      two(),
    );
    registry.become(instance('a'), instance('b'));
    expect(shares(upstream, 10, byVersion)).toEqual({ '1.0.0': 10 });
  });

  test('select by several facts, and by what instances say of themselves', () => {
    const { upstream } = upstreamOf({ weights: { 'version=1.0.0, region=us': 1 } }, two());
    expect(Object.keys(shares(upstream, 10, byId)).toSorted()).toEqual(['b', 'c']);
    const { upstream: tagged } = upstreamOf({ weights: { 'tag=ssd': 1 } }, two());
    expect(shares(tagged, 4, byId)).toEqual({ a: 4 });
  });

  test('may be addresses, beside selectors', () => {
    const { upstream } = upstreamOf({ weights: { '10.0.0.1:8080': 75, 'version=2.0.0': 25 } }, two());
    const urls = shares(upstream, 100, ({ url }) => url);
    expect(urls).toEqual({ 'http://10.0.0.1:8080': 75, 'http://d.test:3001': 25 });
  });

  test('keep what is known of them where a new configuration says the same, and take its weights', () => {
    const { upstreams, upstream } = upstreamOf(
      { weights: { 'version=1.0.0': 90, 'version=2.0.0': 10 } },
      two(),
    );
    upstreams.configure([declared({ weights: { 'version=1.0.0': 50, 'version=2.0.0': 50 } })]);
    expect(upstreams.resolve(address)).toBe(upstream);
    expect(shares(upstream, 100, byVersion)).toEqual({ '1.0.0': 50, '2.0.0': 50 });
    upstreams.configure([]);
    expect(upstreams.resolve(address)).not.toBe(upstream);
  });
});

describe('an algorithm', () => {
  test('consistent-hashing gives the same key to the same instance, and to the same version', () => {
    const registry = registryOf(instance('a'), instance('b'), instance('c', '2.0.0'), instance('d', '2.0.0'));
    const weights = { 'version=1.0.0': 50, 'version=2.0.0': 50 };
    const { upstream } = upstreamOf({ algorithm: 'consistent-hashing', hashOn: 'ip', weights }, registry);
    const of = (key: string) => upstream.pick(key)?.instanceId;
    const keys = Array.from({ length: 200 }, (_none, index) => `client-${index}`);
    const before = keys.map(of);
    expect(keys.map(of)).toEqual(before);
    expect(new Set(before).size).toBe(4);
    const kept = keys.filter((_key, index) => before[index] !== 'd');
    registry.become(instance('a'), instance('b'), instance('c', '2.0.0'));
    expect(kept.map(of)).toEqual(before.filter((id) => id !== 'd'));
  });

  test('least-connections leaves alone who is busy', () => {
    const { upstream } = upstreamOf({ algorithm: 'least-connections' });
    const busy = upstream.pick();
    if (busy === undefined) throw new Error('there are two');
    for (let call = 0; call < 10; call += 1) upstream.onStart(busy);
    expect(shares(upstream, 20, byId)).not.toHaveProperty(busy.instanceId);
  });
});

describe('health', () => {
  const health = (upstream: Upstream) =>
    Object.fromEntries(upstream.health().map((of) => [of.endpoint.instanceId, of.health]));

  const off = { httpStatuses: new Set<number>(), httpFailures: 0, tcpFailures: 0, timeouts: 0 };
  const passive = (unhealthy: Partial<PassiveHealthcheck['unhealthy']>): PassiveHealthcheck => ({
    type: 'http',
    healthy: { httpStatuses: new Set([200]), successes: 0 },
    unhealthy: { ...off, ...unhealthy },
  });
  const checked = (check: PassiveHealthcheck) => ({ threshold: 0, active: undefined, passive: check });

  function fail(upstream: Upstream, who: string, times: number, status: number): void {
    const endpoint = upstream.health().find(({ endpoint: { instanceId } }) => instanceId === who)?.endpoint;
    if (endpoint === undefined) throw new Error(`${who} is there`);
    for (let time = 0; time < times; time += 1) {
      upstream.onStart(endpoint);
      upstream.onResponse(endpoint, status);
    }
  }

  test('is lost by five answers of 5xx in a row, and others are picked', () => {
    const { upstream } = upstreamOf({});
    fail(upstream, 'a', 4, 500);
    expect(health(upstream)).toEqual({ a: 'HEALTHY', b: 'HEALTHY' });
    fail(upstream, 'a', 1, 503);
    expect(health(upstream)).toEqual({ a: 'UNHEALTHY', b: 'HEALTHY' });
    expect(shares(upstream, 10, byId)).toEqual({ b: 10 });
  });

  test('is lost by the service as a whole where all that get traffic cannot answer, one after the other', () => {
    const weights = { 'version=1.0.0': 100, 'version=2.0.0': 0 };
    const { upstream } = upstreamOf(
      { weights },
      registryOf(instance('a'), instance('b'), instance('c', '2.0.0')),
    );
    fail(upstream, 'a', 4, 503);
    expect(upstream.allUnhealthy()).toBe(false);
    fail(upstream, 'b', 1, 200);
    fail(upstream, 'b', 1, 503);
    expect(upstream.allUnhealthy()).toBe(false);
    fail(upstream, 'a', 1, 503);
    expect(upstream.allUnhealthy()).toBe(true);
    upstream.setWeight('version=2.0.0', 10);
    expect(upstream.allUnhealthy()).toBe(false);
  });

  test('is lost by what the file says: its statuses and its numbers', () => {
    const healthchecks = checked(passive({ httpStatuses: new Set([429]), httpFailures: 2, tcpFailures: 1 }));
    const { upstream } = upstreamOf({ healthchecks });
    fail(upstream, 'a', 10, 500);
    expect(health(upstream)['a']).toBe('HEALTHY');
    fail(upstream, 'a', 2, 429);
    expect(health(upstream)['a']).toBe('UNHEALTHY');
  });

  test('is not watched where the file switches that off', () => {
    const { upstream } = upstreamOf({ healthchecks: checked(passive({})) });
    fail(upstream, 'a', 20, 500);
    expect(health(upstream)).toEqual({ a: 'HEALTHCHECKS_OFF', b: 'HEALTHCHECKS_OFF' });
  });

  test('is DNS_ERROR for an unknown host', () => {
    const { upstream } = upstreamOf({});
    const endpoint = upstream.pick();
    if (endpoint === undefined) throw new Error('there are two');
    upstream.onStart(endpoint);
    upstream.onFailure(endpoint, 'refused', Object.assign(new Error('who?'), { code: 'ENOTFOUND' }));
    expect(health(upstream)[endpoint.instanceId]).toBe('DNS_ERROR');
  });

  test('below the threshold of the file leaves no endpoint', () => {
    const healthchecks = { threshold: 60, active: undefined, passive: undefined };
    const { upstream } = upstreamOf({ healthchecks });
    expect(upstream.pick()).toBeDefined();
    fail(upstream, 'a', 5, 500);
    expect(upstream.pick()).toBeUndefined();
  });

  test('of addresses is asked for, and comes and goes with the answers', async () => {
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const active: ActiveHealthcheck = {
      type: 'http',
      httpPath: '/ready',
      headers: new Map(),
      timeoutMs: 1_000,
      concurrency: 10,
      healthy: { httpStatuses: new Set([200]), successes: 1, intervalMs: 10 },
      unhealthy: { ...off, httpStatuses: new Set([503]), httpFailures: 2, intervalMs: 10 },
    };
    const at = `127.0.0.1:${portOf(server)}`;
    const healthchecks = { threshold: 0, active, passive: undefined };
    const { upstream } = upstreamOf({ weights: { [at]: 1, '127.0.0.1:1': 1 }, healthchecks });
    status = 503;
    await eventually(() => expect(health(upstream)[`http://${at}`]).toBe('UNHEALTHY'));
    expect(shares(upstream, 4, ({ target }) => target)).toEqual({ '127.0.0.1:1': 4 });
    status = 200;
    await eventually(() => expect(health(upstream)[`http://${at}`]).toBe('HEALTHY'));
    expect(shares(upstream, 4, ({ target }) => target)).toEqual({ [at]: 2, '127.0.0.1:1': 2 });
  });
});

test('what came of requests is counted by version', () => {
  const { upstream } = upstreamOf({});
  upstream.requestMetrics.recordResponse('1.0.0', 200);
  upstream.requestMetrics.recordResponse('1.0.0', 503);
  upstream.requestMetrics.recordResponse('2.0.0', undefined);
  const none = { error: 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
  expect([...upstream.requestMetrics.countsByVersion()]).toEqual([
    ['1.0.0', { ...none, '2xx': 1, '5xx': 1 }],
    ['2.0.0', { ...none, error: 1 }],
  ]);
});
