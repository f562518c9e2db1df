import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const consumers = [
  { username: 'ada', custom_id: 'a-1', keyauth_credentials: [{ key: 'key-of-ada' }] },
  { username: 'guest' },
];

let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});

const gatewayWith = (config: object) =>
  harness.gateway(upstream, [{ name: 'key-auth', config }], { consumers });

describe('a key', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith({});
  });

  test('in a header says which consumer asks, and the service hears of it', async () => {
    const { status, body } = await request(gateway.url).get('/api').set('apikey', 'key-of-ada');
    expect(status).toBe(200);
    expect(body.headers).toMatchObject({
      'x-consumer-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-consumer-username': 'ada',
      'x-consumer-custom-id': 'a-1',
      'x-credential-identifier': expect.stringMatching(/^key:[\da-f]{16}$/),
      apikey: 'key-of-ada',
    });
    expect(body.headers).not.toHaveProperty('x-anonymous-consumer');
  });

  test('may stand in the query', async () => {
    expect((await request(gateway.url).get('/api?apikey=key-of-ada')).status).toBe(200);
  });

  test.each([
    ['that is missing', '/api', 'The request has no API key.'],
    ['that is unknown', '/api?apikey=none', 'The API key is not valid.'],
    ['that comes twice', '/api?apikey=key-of-ada&apikey=x', 'The request has more than one API key.'],
  ])('%s is a 401', async (_name, path, message) => {
    const before = upstream.requests.length;
    const { status, body, headers } = await request(gateway.url).get(path);
    expect([status, body.message]).toEqual([401, message]);
    expect(headers['www-authenticate']).toBeDefined();
    expect(upstream.requests).toHaveLength(before);
  });

  test('does not come with headers that a client made up', async () => {
    const { body } = await request(gateway.url).get('/api').set({
      apikey: 'key-of-ada',
      'X-Consumer-Username': 'root',
      'X-Consumer-Groups': 'admins',
      'X-Credential-Identifier': 'x',
    });
    expect(body.headers['x-consumer-username']).toBe('ada');
    expect(body.headers).not.toHaveProperty('x-consumer-groups');
    expect(body.headers['x-credential-identifier']).not.toBe('x');
  });
});

test('identity headers of a client reach no service, not even without an authentication plugin', async () => {
  const gateway = await harness.gateway(upstream, []);
  const { body } = await request(gateway.url).get('/api').set({
    'X-Consumer-Id': 'root',
    'X-Anonymous-Consumer': 'false',
    'X-User-Id': 'u1',
    'X-Consumer-Groups': 'a',
  });
  expect(Object.keys(body.headers).filter((name) => /consumer|user-id/.test(name))).toEqual([]);
});

test('a key can be hidden from the service, in whatever place it comes', async () => {
  const gateway = await gatewayWith({ hide_credentials: true, key_names: ['X-Key'] });
  const inHeader = await request(gateway.url).get('/api?a=1').set('X-Key', 'key-of-ada');
  expect([inHeader.status, inHeader.body.headers['x-key']]).toEqual([200, undefined]);
  const inQuery = await request(gateway.url).get('/api?a=1&x-key=key-of-ada&b=2');
  expect([inQuery.status, inQuery.body.url]).toEqual([200, '/?a=1&b=2']);
});

test('requests without a key use the anonymous consumer if there is one', async () => {
  const gateway = await gatewayWith({ anonymous: 'guest' });
  const { status, body } = await request(gateway.url).get('/api');
  expect(status).toBe(200);
  expect(body.headers).toMatchObject({ 'x-consumer-username': 'guest', 'x-anonymous-consumer': 'true' });
});

test('one place can be switched off', async () => {
  const gateway = await gatewayWith({ key_in_query: false });
  expect((await request(gateway.url).get('/api?apikey=key-of-ada')).status).toBe(401);
});

test.each([
  [
    { key_in_body: true },
    'plugins[0].config.key_in_body: must be false: keys are read from headers and the query, because bodies are not parsed',
  ],
  [{ key_names: [] }, 'plugins[0].config.key_names: must be 1 at least'],
  [{ key_names: ['a b'] }, 'plugins[0].config.key_names[0]: must be the name of a header'],
])('key-auth with %j is refused in words', (config, mistake) => {
  expect(configMistakes('key-auth', config)).toEqual([mistake]);
});
