import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { rawRequest, sendRaw } from '../raw-http-client.ts';
import type { TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/;
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});
const gatewayWith = (config: object) => harness.gateway(upstream, [{ name: 'correlation-id', config }]);

describe('correlation-id', () => {
  test('gives each request an id of this process and a number', async () => {
    const { url } = await gatewayWith({});
    const ids = [await request(url).get('/api'), await request(url).get('/api')].map(
      ({ body }) => body.headers['kong-request-id'],
    );
    expect(ids).toEqual([expect.stringMatching(/#1$/), expect.stringMatching(/#2$/)]);
    expect(ids[0]).toMatch(UUID);
    expect(ids[0].split('#')[0]).toBe(ids[1].split('#')[0]);
  });

  test.each([
    ['uuid', UUID],
    ['tracker', /^[\d.:a-f]+-\d+-\d+-\d+-\d+-[\d.]+$/],
  ])('makes a %s, and tells the client', async (generator, form) => {
    const { url } = await gatewayWith({ generator, header_name: 'X-Trace', echo_downstream: true });
    const { body, headers } = await request(url).get('/api');
    expect(body.headers['x-trace']).toMatch(form);
    expect(headers['x-trace']).toBe(body.headers['x-trace']);
  });

  test('keeps an id that a request brings, if nothing could take harm of it', async () => {
    const { url } = await gatewayWith({ header_name: 'X-Trace', echo_downstream: true });
    const sane = await request(url).get('/api').set('X-Trace', 'abc-1');
    expect([sane.body.headers['x-trace'], sane.headers['x-trace']]).toEqual(['abc-1', 'abc-1']);
  });

  test.each(['<script>', '', ' ', 'a b', 'a,b', 'ä', 'a'.repeat(129), '${jndi:x}', "a'; --"])(
    'gives one instead of %j',
    async (odd) => {
      const { url } = await gatewayWith({ header_name: 'X-Trace', echo_downstream: true });
      const { body, headers } = await request(url).get('/api').set('X-Trace', odd);
      expect(body.headers['x-trace']).toMatch(UUID);
      expect(headers['x-trace']).toBe(body.headers['x-trace']);
    },
  );

  test('gives one instead of two', async () => {
    const { port } = await gatewayWith({ header_name: 'X-Trace' });
    const { body } = await sendRaw(port, rawRequest('GET /api HTTP/1.1', 'X-Trace: a', 'X-Trace: b'));
    expect(JSON.parse(body).headers['x-trace']).toMatch(UUID);
  });

  test('leaves X-Request-Id as it is: every request has one', async () => {
    const { url } = await gatewayWith({ header_name: 'X-Request-Id', echo_downstream: true });
    const { body, headers } = await request(url).get('/api').set('X-Request-Id', 'mine');
    expect([body.headers['x-request-id'], headers['x-request-id']]).toEqual(['mine', 'mine']);
  });

  test('tells the id also where the gateway answers', async () => {
    const { url } = await harness.gateway(upstream, [
      { name: 'correlation-id', config: { header_name: 'X-Trace', echo_downstream: true } },
      { name: 'request-termination' },
    ]);
    expect((await request(url).get('/api')).headers['x-trace']).toMatch(UUID);
  });

  test.each(['Content-Length', 'Host', 'connection', 'Transfer-Encoding'])('takes no %s for one', (name) => {
    expect(configMistakes('correlation-id', { header_name: name })).toEqual([
      'plugins[0].config.header_name: cannot be a header about the connection, the length or the host',
    ]);
  });

  test('knows three ways to make ids', () => {
    expect(configMistakes('correlation-id', { generator: 'counter' })).toEqual([
      'plugins[0].config.generator: must be uuid or uuid#counter or tracker',
    ]);
  });
});
