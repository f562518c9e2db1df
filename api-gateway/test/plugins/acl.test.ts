import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Gateway } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const consumers = [
  {
    username: 'ada',
    acls: [{ group: 'staff' }, { group: 'admins' }],
    keyauth_credentials: [{ key: 'key-of-ada' }],
  },
  { username: 'bob', acls: [{ group: 'guests' }], keyauth_credentials: [{ key: 'key-of-bob' }] },
];

const gatewayWith = async (config: object) =>
  harness.gateway(await harness.upstream(), [{ name: 'key-auth' }, { name: 'acl', config }], { consumers });

const as = (gateway: Gateway, key: string) => request(gateway.url).get('/api/x').set('apikey', key);

describe('acl that allows a group', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith({ allow: ['staff'] });
  });

  test('lets its consumers through, and tells the service their groups', async () => {
    const { status, body } = await as(gateway, 'key-of-ada');
    expect([status, body.headers['x-consumer-groups']]).toEqual([200, 'staff, admins']);
  });

  test('answers 403 to the others', async () => {
    const { status, body } = await as(gateway, 'key-of-bob');
    expect([status, body.message]).toEqual([403, 'You cannot consume this service.']);
  });

  test('leaves authentication errors to the authentication plugin', async () => {
    const { status, body } = await as(gateway, 'no key');
    expect([status, body.message]).toEqual([401, 'The API key is not valid.']);
  });
});

test('acl that denies a group lets all others through, and may keep their groups to itself', async () => {
  const gateway = await gatewayWith({ deny: ['guests'], hide_groups_header: true });
  const ada = await as(gateway, 'key-of-ada');
  expect([ada.status, ada.body.headers['x-consumer-groups']]).toEqual([200, undefined]);
  expect((await as(gateway, 'key-of-bob')).status).toBe(403);
});

test('acl answers 401 to requests without authentication, whatever it allows or denies', async () => {
  for (const config of [{ allow: ['staff'] }, { deny: ['guests'] }]) {
    const gateway = await harness.gateway(await harness.upstream(), [{ name: 'acl', config }]);
    const { status, headers } = await request(gateway.url).get('/api');
    expect([status, headers['www-authenticate']]).toEqual([401, expect.any(String)]);
  }
});

test.each([
  [{}, 'plugins[0].config: must have allow or deny'],
  [
    { allow: ['a'], include_consumer_groups: true },
    'plugins[0].config.include_consumer_groups: must be false: consumer groups are not supported',
  ],
  [{ whitelist: ['a'] }, 'plugins[0].config.whitelist: is not known to this gateway'],
])('acl with %j is refused in words', (config, mistake) => {
  expect(configMistakes('acl', config)).toContain(mistake);
});
