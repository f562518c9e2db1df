import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { STANDARD_PLUGINS } from '../src/plugins/index.ts';
import { loadConfig } from '../src/kong-config/load-config.ts';
import { createRouter } from '../src/router/router.ts';
import { createConfigFile, prefixRoutes, startGatewayWith } from './config-file.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

test('a new service is reached by its <NAME>_SERVICE_URL alone', async () => {
  const giftCards = await startUpstream();
  const file = await createConfigFile(prefixRoutes({ '/gifts': 'http://gift-cards-service/cards' }));
  const gateway = await startGatewayWith(file, { GIFT_CARDS_SERVICE_URL: giftCards.url });
  expect((await request(gateway.url).get('/gifts/7')).text).toBe('/cards/7');
  await gateway.stop();
  await giftCards.close();
});

describe('with the configuration that comes along', () => {
  let users: TestUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    users = await startUpstream();
    gateway = await startGateway({ USERS_SERVICE_URL: users.url });
  });

  afterAll(async () => {
    await gateway.stop();
    await users.close();
  });

  test.each([
    ['/api/users', '/users'],
    ['/api/users/', '/users/'],
    ['/api/users/42', '/users/42'],
    ['/api/users/42/orders/7', '/users/42/orders/7'],
    ['/api/users/42?fields=name&x=%2F..%00', '/users/42?fields=name&x=%2F..%00'],
    ['/api/auth/login', '/auth/login'],
    ['/api/profile/preferences', '/profile/preferences'],
    ['/api/%75sers/%41%2d', '/users/A-'],
    ['/api/users/%c3%a9', '/users/%C3%A9'],
  ])('%s reaches the users service as %s', async (path, seen) => {
    expect((await request(gateway.url).get(path)).text).toBe(seen);
  });

  test.each([
    ['/api/posts/1', 'posts-service'],
    ['/api/orders', 'orders-service'],
    ['/api/users/42/orders', 'orders-service'],
    ['/api/users/42/orders/', 'orders-service'],
    ['/api/cart', 'orders-service'],
    ['/api/checkout', 'orders-service'],
  ])('%s says that %s is not there', async (path, service) => {
    const response = await request(gateway.url).get(path);
    expect(response.status).toBe(503);
    expect(response.get('Retry-After')).toBe('10');
    expect(response.body).toMatchObject({
      code: 'no_instance',
      error: 'Service unavailable',
      message: `${service} is not there: no instance of it is ready.`,
    });
  });

  test.each(['/api', '/api/nothing', '/users/42', '/API/users'])('%s has no route', async (path) => {
    const response = await request(gateway.url).get(path);
    expect([response.status, response.body.code]).toEqual([404, 'route_not_found']);
  });

  test('/ says what there is', async () => {
    const { body } = await request(gateway.url).get('/');
    expect(body).toMatchObject({ service: 'api-gateway', links: { docs: '/docs', health: '/health' } });
    expect(body.routes).toContainEqual({ name: 'users', paths: ['/api/users'], service: 'users-service' });
  });
});

/** The upstream path for a service path and route settings; undefined without a match. */
function upstreamPath(base: string, prefix: string, stripPath: boolean, path: string): string | undefined {
  const service = { name: 's', host: 'h', path: base };
  const routes = [{ name: 'r', paths: [prefix], strip_path: stripPath }];
  const { config } = loadConfig(
    JSON.stringify({ _format_version: '3.0', services: [{ ...service, routes }] }),
    { kinds: STANDARD_PLUGINS },
  );
  const asked = { method: 'GET', host: 'gateway', protocol: 'http', headersDistinct: {} };
  return config && createRouter(config)(path, asked)?.upstreamPath;
}

describe('a path is put together as in Kong (path_handling v0)', () => {
  // kong/router/utils.lua, get_upstream_uri: every branch.
  test.each([
    ['/', '/a', true, '/a', '/'],
    ['/', '/a', true, '/a/', '/'],
    ['/', '/a', true, '/a/x', '/x'],
    ['/', '/a', true, '/ax', '/x'],
    ['/', '/a', false, '/a/x', '/a/x'],
    ['/', '/', true, '/', '/'],
    ['/', '/', true, '/x', '/x'],
    ['/s/', '/a', true, '/a', '/s'],
    ['/s/', '/a', true, '/a/', '/s/'],
    ['/s/', '/a', true, '/a/x', '/s/x'],
    ['/s/', '/a/', true, '/a/x', '/s/x'],
    ['/s/', '/a', false, '/a/x', '/s/a/x'],
    ['/s/', '/', false, '/', '/s/'],
    ['/s', '/a', true, '/a', '/s'],
    ['/s', '/a', true, '/a/', '/s/'],
    ['/s', '/a', true, '/a/x', '/s/x'],
    ['/s', '/a', true, '/ax', '/s/x'],
    ['/s', '/a/', true, '/a/', '/s/'],
    ['/s', '/', true, '/', '/s'],
    ['/s', '/', false, '/', '/s'],
    ['/s', '/a', false, '/a/', '/s/a/'],
    ['/s', '/a/', true, '/a', undefined],
  ])('service %s, route %s, strip_path %s: %s becomes %s', (base, prefix, strip, path, upstream) => {
    expect(upstreamPath(base, prefix, strip, path)).toBe(upstream);
  });

  test.each([
    ['/a..', '/s'],
    ['/a../x', '/s/x'],
    ['/a./x', '/s/x'],
    ['/a..;v=1/x', '/s/x'],
    ['/a...', '/s/...'],
  ])('%s does not climb out of the service’s path once the prefix is off', (path, upstream) => {
    expect(upstreamPath('/s', '/a', true, path)).toBe(upstream);
  });
});

describe('a configuration of one’s own', () => {
  const service = (name: string, url: string, path: string, more: object = {}) => ({
    name,
    url,
    routes: [{ name, paths: [path] }],
    ...more,
  });

  test('routes by the longest prefix, to an address with a port', async () => {
    const [one, other] = await Promise.all([
      startUpstream((_request, response) => response.end('one')),
      startUpstream((_request, response) => response.end('other')),
    ]);
    const services = [service('one', one.url, '/x'), service('other', `${other.url}/deep`, '/x/y')];
    const gateway = await startGatewayWith(await createConfigFile({ services }));
    expect((await request(gateway.url).get('/x/z')).text).toBe('one');
    expect((await request(gateway.url).get('/x/y/z')).text).toBe('other');
    expect(other.requests[0]?.url).toBe('/deep/z');
    await Promise.all([gateway.stop(), one.close(), other.close()]);
  });

  test('is not stopped by an expression that steps back without end', async () => {
    const one = await startUpstream((_request, response) => response.end('one'));
    const file = await createConfigFile({ services: [service('one', one.url, '~/(a|aa)+$')] });
    const gateway = await startGatewayWith(file);
    const before = performance.now();
    expect((await request(gateway.url).get(`/${'a'.repeat(60)}!`)).status).toBe(404);
    // With backtracking alone, 60 letters would take hours.
    expect(performance.now() - before).toBeLessThan(2_000);
    expect((await request(gateway.url).get('/aaa')).text).toBe('one');
    await Promise.all([gateway.stop(), one.close()]);
  });

  test('has no routes to a service that is not enabled', async () => {
    const one = await startUpstream((_request, response) => response.end('one'));
    const off = service('off', one.url, '/x/y', { enabled: false });
    const gateway = await startGatewayWith(
      await createConfigFile({ services: [service('one', one.url, '/x'), off] }),
    );
    expect((await request(gateway.url).get('/x/y/z')).text).toBe('one');
    expect((await request(gateway.url).get('/')).body.routes).toMatchObject([{ name: 'one' }]);
    expect((await request(gateway.adminUrl()).get('/services/off')).body.enabled).toBe(false);
    await Promise.all([gateway.stop(), one.close()]);
  });
});
