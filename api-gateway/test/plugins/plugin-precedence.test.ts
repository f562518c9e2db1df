import { expect, test } from '@jest/globals';
import request from 'supertest';
import { createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();

const says = (message: string) => ({ name: 'request-termination', config: { status_code: 200, message } });

test('of several entries of one plugin the most specific counts: consumer, route, service, global', async () => {
  const upstream = await harness.upstream();
  const { url } = await harness.gateway(
    upstream,
    [
      { name: 'key-auth', config: { anonymous: 'nobody' } },
      says('global'),
      { ...says('service'), service: 'echo' },
      { ...says('route'), route: 'api' },
      { ...says('consumer'), consumer: 'ada' },
      { ...says('consumer and route'), consumer: 'ada', route: 'api' },
    ],
    {
      routes: [{ name: 'second', paths: ['/second'] }],
      services: [{ name: 'other', url: upstream.url, routes: [{ name: 'other', paths: ['/other'] }] }],
      consumers: [{ username: 'ada', keyauth_credentials: [{ key: 'key-of-ada' }] }, { username: 'nobody' }],
    },
  );
  const answer = async (path: string, key = 'none') =>
    (await request(url).get(path).set('apikey', key)).body.message;

  expect(await answer('/other')).toBe('global');
  expect(await answer('/second')).toBe('service');
  expect(await answer('/api')).toBe('route');
  expect(await answer('/second', 'key-of-ada')).toBe('consumer');
  expect(await answer('/api', 'key-of-ada')).toBe('consumer and route');
});
