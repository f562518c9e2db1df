import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream((_request, response) => {
    response.setHeader('Access-Control-Allow-Origin', 'https://the-service-says.test');
    response.setHeader('Vary', 'Accept');
    response.end();
  });
});
const gatewayWith = (config: object) => harness.gateway(upstream, [{ name: 'cors', config }]);
const from = ({ url }: Gateway, origin: string) => request(url).get('/api').set('Origin', origin);
const preflight = ({ url }: Gateway, headers: Record<string, string> = {}) =>
  request(url)
    .options('/api')
    .set({ Origin: 'https://shop.test', 'Access-Control-Request-Method': 'PUT', ...headers });

describe('cors', () => {
  test('without a configuration lets every page call, whatever the service says', async () => {
    const gateway = await gatewayWith({});
    expect((await from(gateway, 'https://any.test')).get('Access-Control-Allow-Origin')).toBe('*');
    const answer = await preflight(gateway, { 'Access-Control-Request-Headers': 'x-a' });
    expect([answer.status, answer.get('Access-Control-Allow-Methods')]).toEqual([
      200,
      'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT',
    ]);
    expect(answer.get('Access-Control-Allow-Headers')).toBe('x-a');
    expect(answer.get('Access-Control-Max-Age')).toBeUndefined();
  });

  test.each([
    ['https://shop.test', 'https://shop.test', true],
    ['https://shop.test', 'https://shop.test.evil.test', false],
    ['https://shop.test', 'http://shop.test', false],
    ['shop.test', 'http://shop.test:8080', true],
    ['shop.test', 'https://ashop.test', false],
    ['^https://(\\w+)\\.shop\\.test$', 'https://a.shop.test', true],
    ['^https://(\\w+)\\.shop\\.test$', 'https://a.shop.test.evil.test', false],
    ['(\\w+)\\.shop\\.test', 'https://a.shop.test:444', true],
    ['(\\w+)\\.shop\\.test', 'https://evil.test/a.shop.test', false],
  ])('with the origin %s, a page of %s may call: %s', async (origin, page, allowed) => {
    const gateway = await gatewayWith({ origins: [origin, 'https://other.test'] });
    const answer = await from(gateway, page);
    expect(answer.get('Access-Control-Allow-Origin')).toBe(allowed ? page : undefined);
    expect(answer.get('Vary')).toMatch(/Origin/);
    expect(answer.get('Vary')).toMatch(/Accept/);
  });

  test('takes all that Kong has a field for', async () => {
    const gateway = await gatewayWith({
      origins: ['*'],
      methods: ['GET', 'PUT'],
      headers: ['X-A', 'X-B'],
      exposed_headers: ['X-C'],
      max_age: 60,
      credentials: true,
      private_network: true,
    });
    const answer = await preflight(gateway, { 'Access-Control-Request-Private-Network': 'true' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'X-A,X-B',
      'access-control-allow-credentials': 'true',
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '60',
    });
    const actual = await from(gateway, 'https://shop.test');
    expect(actual.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-expose-headers': 'X-C',
      'access-control-allow-credentials': 'true',
    });
  });

  test('may leave preflights to the service', async () => {
    const answer = await preflight(await gatewayWith({ preflight_continue: true }));
    expect(answer.get('Access-Control-Allow-Origin')).toBe('https://the-service-says.test');
  });

  test.each([
    [
      { origins: ['https://shop.test/path'] },
      'origins[0]: "https://shop.test/path" is no origin: write https://shop.example, without a path',
    ],
    [{ origins: ['(a'] }, 'origins[0]: "(a" is no regular expression'],
    [
      { methods: ['FETCH'] },
      'methods[0]: must be GET or HEAD or PUT or PATCH or POST or DELETE or OPTIONS or TRACE or CONNECT',
    ],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('cors', config)).toEqual([`plugins[0].config.${mistake}`]);
  });
});
