import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import {
  neverRespond,
  startFakeInstance,
  respondWithStatus,
  type RequestBehaviour,
  type FakeInstance,
} from './fake-instance.ts';
import { startRegistry, type TestRegistry } from './test-registry.ts';
import { createTestStore } from './test-store.ts';

const EVERY_MS = 50;
const REDIS_URL = (await testRedis()).url;
const env = {
  REDIS_URL,
  REGISTRY_TOKEN: 'a-token-of-this-test',
  PROBE_EVERY_MS: String(EVERY_MS),
  PROBE_TIMEOUT_MS: '200',
};

const store = createTestStore(REDIS_URL);
let registry: TestRegistry;
let probed: FakeInstance;
beforeAll(async () => {
  registry = await startRegistry(env);
});
afterAll(async () => {
  await registry.stop();
  store.redis.disconnect();
});
beforeEach(async () => {
  probed = await startFakeInstance();
});
afterEach(() => probed.close());

const post = (path: string, body: object) =>
  registry.http.post(path).set('Authorization', 'Bearer a-token-of-this-test').send(body);

const registration = (service: string, more: object = {}) => ({
  serviceName: service,
  serviceUrl: probed.url,
  healthCheckUrl: `${probed.url}/health`,
  ...more,
});

async function stateOf(service: string): Promise<string> {
  const { body } = await registry.http.get('/services').expect(200);
  return body.services.find(({ name }: { name: string }) => name === service)?.state;
}

const untilProbed = (times: number) =>
  eventually(async () => expect(probed.requests.length).toBeGreaterThanOrEqual(times));

const untilState = (service: string, state: string) =>
  eventually(async () => expect(await stateOf(service)).toBe(state));

const failures: [string, RequestBehaviour][] = [
  ['answers 500', respondWithStatus(500)],
  ['answers with a redirect', respondWithStatus(302, { Location: 'http://127.0.0.1:1/' })],
  ['does not answer', neverRespond],
  ['breaks the connection off', (request) => request.socket.destroy()],
];

describe('an instance with a healthCheckUrl', () => {
  test.each(failures)(
    'that %s is down, and up again once it is well, whatever it says of itself',
    async (name, fail) => {
      const service = name.replaceAll(' ', '-');
      await post('/register', registration(service)).expect(200);
      await untilProbed(2);
      expect(await stateOf(service)).toBe('up');
      probed.setBehaviour(fail);
      await untilState(service, 'down');
      await post('/register', registration(service)).expect(200);
      await post(`/heartbeat/${service}`, { state: 'up' }).expect(200);
      expect(await stateOf(service)).toBe('down');
      probed.setBehaviour(respondWithStatus(204));
      await untilState(service, 'up');
    },
  );

  test('without a server is down', async () => {
    await post('/register', registration('refused', { healthCheckUrl: 'http://127.0.0.1:1/' })).expect(200);
    await untilState('refused', 'down');
  });

  test('that answers 429 is up and not passing', async () => {
    await post('/register', registration('warned')).expect(200);
    probed.setBehaviour(respondWithStatus(429));
    const passing = '/v1/health/service/warned?passing';
    await eventually(async () => expect((await registry.http.get(passing)).body).toEqual([]));
    expect(await stateOf('warned')).toBe('up');
  });

  test('is probed by GET, without credentials of the registry', async () => {
    await post('/register', registration('asked')).expect(200);
    await untilProbed(1);
    const [request] = probed.requests;
    expect(request).toMatchObject({ method: 'GET', url: '/health' });
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    expect(request?.headers['connection']).toBe('close');
  });

  test('with an endless response body is not read', async () => {
    let sent = 0;
    probed.setBehaviour((_request, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    await post('/register', registration('pouring')).expect(200);
    await untilProbed(3);
    expect(await stateOf('pouring')).toBe('up');
    expect(sent / probed.requests.length).toBeLessThan(8 * 1024 * 1024);
  });

  test('that is removed is not probed any more', async () => {
    await post('/register', registration('gone')).expect(200);
    await untilProbed(2);
    await registry.http
      .delete('/unregister/gone')
      .set('Authorization', 'Bearer a-token-of-this-test')
      .expect(200);
    const other = await startFakeInstance();
    const asked = probed.requests.length;
    const next = { serviceName: 'next', serviceUrl: other.url, healthCheckUrl: other.url };
    await post('/register', next).expect(200);
    await eventually(async () => expect(other.requests.length).toBeGreaterThan(5));
    expect(probed.requests.length).toBeLessThanOrEqual(asked + 1);
    await other.close();
  });

  test.each(['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://[::ffff:a9fe:a9fe]/'])(
    'at %s, where machines keep their secrets, is not asked',
    async (healthCheckUrl) => {
      const service = `metadata-${healthCheckUrl.length}`;
      await post('/register', registration(service, { healthCheckUrl })).expect(200);
      await untilState(service, 'down');
      const log = await store.changeLog(100);
      const why = log.find((change) => change.service === service && change.kind === 'check')?.reason;
      expect(why).toContain('link-local addresses are not probed');
    },
  );
});

test('probes are counted by outcome, and timed', async () => {
  await post('/register', registration('counted')).expect(200);
  await untilProbed(2);
  const { text } = await registry.http.get('/metrics').expect(200);
  expect(text).toMatch(/^registry_probe_duration_seconds_count\{.*outcome="passing"\} [1-9]/m);
  expect(text).toMatch(/^registry_changes_total\{operation="register",outcome="done",.*\} [1-9]/m);
  expect(text).toMatch(/^registry_sweeper\{.*\} 1$/m);
});
