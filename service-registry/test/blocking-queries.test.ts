import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url });
});
afterAll(() => registry.stop());

async function health(service: string, query = '') {
  const response = await registry.http.get(`/v1/health/service/${service}?${query}`).expect(200);
  return { index: Number(response.get('X-Consul-Index')), entries: response.body, response };
}

/** The value of a metric without own labels. */
async function metric(name: string): Promise<number> {
  const { text } = await registry.http.get('/metrics').expect(200);
  return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
}

describe('GET /v1/health/service/:service', () => {
  test('answers as Consul does', async () => {
    const more = { instanceId: 'shape-1', version: '1.2.3', weight: 7, metadata: { zone: 'eu' } };
    await registry.register({ serviceName: 'shape', serviceUrl: 'http://10.0.0.5:3001/base', ...more });
    const { entries, index } = await health('shape');
    expect(entries).toEqual([
      {
        Node: expect.objectContaining({ Address: '10.0.0.5', Datacenter: 'plaza' }),
        Service: expect.objectContaining({
          ID: 'shape-1',
          Service: 'shape',
          Tags: [],
          Address: '10.0.0.5',
          Port: 3001,
          Meta: { zone: 'eu', version: '1.2.3', url: 'http://10.0.0.5:3001/base' },
          Weights: { Passing: 7, Warning: 7 },
        }),
        Checks: [expect.objectContaining({ Status: 'passing', ServiceID: 'shape-1', ServiceName: 'shape' })],
      },
    ]);
    expect(index).toBeGreaterThan(0);
  });

  test('shows in its headers that it is current', async () => {
    const { response } = await health('anything');
    expect(response.get('X-Consul-KnownLeader')).toBe('true');
    expect(response.get('X-Consul-LastContact')).toBe('0');
    expect(response.get('X-Registry-Stale')).toBeUndefined();
  });

  test.each(['draining', 'down'])('with ?passing omits an instance with state %s', async (state) => {
    const service = `not-${state}`;
    await registry.register(createRegistrationBody(service, 3001));
    await registry.register(createRegistrationBody(service, 3002, { state }));
    const ids = ({ entries }: Awaited<ReturnType<typeof health>>) =>
      entries.map((entry: { Service: { ID: string } }) => entry.Service.ID);
    expect(ids(await health(service, 'passing'))).toEqual(['localhost:3001']);
    expect(ids(await health(service, 'passing=1'))).toEqual(['localhost:3001']);
    expect(ids(await health(service))).toEqual(['localhost:3001', 'localhost:3002']);
    const all = await health(service);
    expect(all.entries[1].Checks[0].Status).toBe('critical');
  });
});

describe('a blocking query', () => {
  test('ends when an instance registers', async () => {
    const { index } = await health('coming');
    const waiting = health('coming', `index=${index}&wait=10s`);
    await registry.register(createRegistrationBody('coming', 3001));
    const woken = await waiting;
    expect(woken.entries).toHaveLength(1);
    expect(woken.index).toBeGreaterThan(index);
  });

  test.each([
    ['goes', () => registry.http.delete('/unregister/going')],
    ['drains', () => registry.http.post('/heartbeat/going').send({ state: 'draining' })],
  ])('ends when an instance %s', async (_name, leave) => {
    await registry.register(createRegistrationBody('going', 3001));
    const { index, entries } = await health('going', 'passing');
    expect(entries).toHaveLength(1);
    const waiting = health('going', `passing&index=${index}&wait=10s`);
    await leave();
    expect((await waiting).entries).toEqual([]);
  });

  test('does not end with heartbeats and changes of other services', async () => {
    const body = createRegistrationBody('sleeper', 3001, { incarnation: 5 });
    await registry.register(body);
    const { index } = await health('sleeper');
    let woken = false;
    const waiting = health('sleeper', `index=${index}&wait=10s`).finally(() => {
      woken = true;
    });
    await registry.http.post('/heartbeat/sleeper').expect(200);
    await registry.register(body).expect(200);
    await registry.register(createRegistrationBody('neighbour', 3001)).expect(200);
    // The other service's query has ended: by now, the first one would have ended as well.
    expect((await health('neighbour', `index=1&wait=10s`)).entries).toHaveLength(1);
    expect(woken).toBe(false);
    await registry.http.delete('/unregister/sleeper').expect(200);
    await waiting;
  });

  test('returns the same list and index after its wait time', async () => {
    await registry.register(createRegistrationBody('still', 3001));
    const before = await health('still');
    const after = await health('still', `index=${before.index}&wait=50ms`);
    expect(after.index).toBe(before.index);
    expect(after.entries).toEqual(before.entries);
  });

  test('with an unknown index ends at once, so that the client starts again', async () => {
    await registry.register(createRegistrationBody('reset', 3001));
    const { index } = await health('reset');
    const ahead = await health('reset', `index=${index + 1_000}&wait=10m`);
    expect(ahead.index).toBe(index);
  });

  test('ends when its client disconnects', async () => {
    const { index } = await health('left');
    const gone = new AbortController();
    const waiting = fetch(`${registry.url}/v1/health/service/left?index=${index}&wait=10m`, {
      signal: gone.signal,
    }).catch(() => 'gone');
    await eventually(async () => expect(await metric('registry_watchers')).toBe(1));
    gone.abort();
    expect(await waiting).toBe('gone');
    await eventually(async () => expect(await metric('registry_watchers')).toBe(0));
  });
});

test('a registry that stops ends its blocking queries, and rejects new ones', async () => {
  const stopping = await startRegistry({ REDIS_URL: (await testRedis()).url, DRAIN_MS: '500' });
  const path = '/v1/health/service/anything';
  const index = (await stopping.http.get(path)).get('X-Consul-Index');
  const waiting = stopping.http.get(`${path}?index=${index}&wait=10m`).then(({ status }) => status);
  await stopping.http.get('/services').expect(200);
  const stopped = stopping.stop();
  expect(await waiting).toBe(200);
  await stopping.http.get(`${path}?index=${index}&wait=10m`).expect(503);
  await stopped;
});
