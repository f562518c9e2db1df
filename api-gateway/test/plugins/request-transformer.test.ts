import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness, type HarnessOptions } from './plugin-harness.ts';

const harness = createPluginHarness();
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});
const gatewayWith = (config: object, more?: HarnessOptions) =>
  harness.gateway(upstream, [{ name: 'request-transformer', config }], more);

describe('request-transformer', () => {
  test('removes, renames, replaces, adds and appends headers', async () => {
    const { url } = await gatewayWith({
      remove: { headers: ['X-Gone'] },
      rename: { headers: ['X-Old:X-New'] },
      replace: { headers: ['X-There:replaced', 'X-Absent:never'] },
      add: { headers: ['X-Added:1', 'X-There:not this'] },
      append: { headers: ['X-List:b'] },
    });
    const { body } = await request(url)
      .get('/api')
      .set({ 'X-Gone': '1', 'X-Old': 'kept', 'X-There': 'before', 'X-List': 'a' });
    expect(body.headers).toMatchObject({
      'x-new': 'kept',
      'x-there': 'replaced',
      'x-added': '1',
      'x-list': 'a, b',
    });
    for (const name of ['x-gone', 'x-old', 'x-absent']) expect(body.headers).not.toHaveProperty(name);
  });

  test('does the same with the arguments of the query', async () => {
    const { url } = await gatewayWith({
      remove: { querystring: ['gone'] },
      rename: { querystring: ['old:new'] },
      replace: { querystring: ['there:replaced', 'absent:never'] },
      add: { querystring: ['added:1'] },
      append: { querystring: ['list:b'] },
    });
    const { body } = await request(url).get('/api?gone=1&old=kept&there=x&list=a');
    expect(Object.fromEntries(new URL(body.url, 'http://x').searchParams)).toEqual({
      new: 'kept',
      there: 'replaced',
      added: '1',
      list: 'b',
    });
    expect(new URL(body.url, 'http://x').searchParams.getAll('list')).toEqual(['a', 'b']);
  });

  test('changes the method', async () => {
    const { url } = await gatewayWith({ http_method: 'put' });
    expect((await request(url).get('/api')).body.method).toBe('PUT');
  });

  test('sends no Content-Length of a HEAD response to a client that sent GET', async () => {
    const { url } = await gatewayWith({ http_method: 'HEAD' });
    const { status, text } = await request(url).get('/api');
    expect([status, text, upstream.requests.at(-1)?.method]).toEqual([200, '', 'HEAD']);
  });

  describe('with templates', () => {
    const more: HarnessOptions = {
      routes: [{ name: 'regex', paths: ['~/items/(?<kind>\\w+)/(\\d+)$'], strip_path: false }],
    };

    test('makes a path of what the route’s expression found', async () => {
      const { url } = await gatewayWith(
        { replace: { uri: '/v2/$(uri_captures["kind"])/$(uri_captures[2])' } },
        more,
      );
      expect((await request(url).get('/items/book/42?a=1')).body.url).toBe('/v2/book/42?a=1');
    });

    test('puts headers and arguments where they are wanted', async () => {
      const { url } = await gatewayWith({
        add: { headers: ['X-Who:$(headers["x-name"]) of $(query_params.team)'] },
      });
      const { body } = await request(url).get('/api?team=red%20one').set('X-Name', 'ada');
      expect(body.headers['x-who']).toBe('ada of red one');
    });

    test('lets nothing out of a header by what a client writes', async () => {
      const { url } = await gatewayWith({ add: { headers: ['X-Who:$(query_params.team)'] } });
      const { body } = await request(url).get('/api?team=a%0d%0aX-Admin:%201');
      expect(body.headers['x-who']).toBe('aX-Admin: 1');
      expect(body.headers).not.toHaveProperty('x-admin');
    });

    test('lets nothing out of a path, either', async () => {
      const { url } = await gatewayWith({ replace: { uri: '/users/$(query_params.id)' } });
      expect((await request(url).get('/api?id=a%3fb%23c')).body.url).toMatch(/^\/users\/a%3Fb%23c\?/);
      expect((await request(url).get('/api?id=..%2f..%2fadmin')).status).toBe(400);
    });

    test('refuses a path that would have a dot segment', async () => {
      const { url } = await gatewayWith({ replace: { uri: '/users/$(query_params.id)/x' } });
      expect((await request(url).get('/api?id=..')).status).toBe(400);
    });
  });

  test.each([
    [{ add: { body: ['nonsense'] } }, 'add.body[0]: "nonsense" must read NAME:VALUE'],
    [{ add: { headers: ['nonsense'] } }, 'add.headers[0]: "nonsense" must read NAME:VALUE'],
    [
      { replace: { headers: ['Host:evil.test'] } },
      'replace.headers: must begin with the name of a header that is not about the connection, the length or the host',
    ],
    [
      { add: { headers: ['Content-Length:1'] } },
      'add.headers: must begin with the name of a header that is not about the connection, the length or the host',
    ],
    [
      { replace: { uri: '/$(os.execute("rm"))' } },
      'replace.uri: only $(uri_captures[1]), $(uri_captures["name"]), $(headers["name"]) and $(query_params["name"]) stand in templates',
    ],
    [{ replace: { uri: 'users' } }, 'replace.uri: must begin with /'],
    [{ http_method: 'CONNECT' }, 'http_method: must be a method of HTTP'],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('request-transformer', config)).toContain(`plugins[0].config.${mistake}`);
  });
});
