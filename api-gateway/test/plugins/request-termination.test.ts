import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});
const gatewayWith = (config: object) => harness.gateway(upstream, [{ name: 'request-termination', config }]);

describe('request-termination', () => {
  test('answers 503 instead of the service', async () => {
    const { url } = await gatewayWith({});
    const { status, body } = await request(url).get('/api');
    expect([status, body]).toEqual([503, { error: 'Service Unavailable', message: 'Service Unavailable' }]);
    expect(upstream.requests).toEqual([]);
  });

  test('answers with the status, type and body that it is told', async () => {
    const { url } = await gatewayWith({ status_code: 418, content_type: 'text/html', body: '<p>tea</p>' });
    const response = await request(url).get('/api');
    expect([response.status, response.text, response.type]).toEqual([418, '<p>tea</p>', 'text/html']);
  });

  test('terminates only requests with the trigger if there is one', async () => {
    const { url } = await gatewayWith({ message: 'so be it', trigger: 'X-Stop' });
    expect((await request(url).get('/api')).status).toBe(200);
    expect((await request(url).get('/api').set('X-Stop', '1')).body.message).toBe('so be it');
    expect((await request(url).get('/api?X-Stop')).status).toBe(503);
    expect((await request(url).get('/api?x-stop=1')).status).toBe(200);
  });

  test('echoes the request without its credentials', async () => {
    const { url } = await harness.gateway(
      upstream,
      [
        { name: 'request-termination', config: { echo: true, status_code: 200 } },
        { name: 'key-auth', config: { key_names: ['X-Team'], anonymous: 'nobody' } },
      ],
      { consumers: [{ username: 'nobody' }] },
    );
    const { body } = await request(url)
      .get('/api/x?a=1&x-team=secret')
      .set({ 'X-A': 'b', Authorization: 'Bearer secret', 'X-Team': 'secret' });
    expect(body).toMatchObject({
      request: { method: 'GET', path: '/api/x', query: { a: '1' }, headers: { 'x-a': 'b' } },
      matched_route: { name: 'api' },
      matched_service: { name: 'echo' },
    });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test.each([204, 304])('answers %i without a body', async (status_code) => {
    const { url } = await gatewayWith({ status_code, body: 'not read by a client' });
    const answered = await request(url).get('/api');
    expect([answered.status, answered.text]).toEqual([status_code, '']);
  });

  test('answers HEAD requests', async () => {
    const { url } = await gatewayWith({ status_code: 200, body: 'tea', content_type: 'text/plain' });
    const { status, headers, text } = await request(url).head('/api');
    expect([status, headers['content-type'], text]).toEqual([200, 'text/plain', undefined]);
  });

  test('reads the rest of the request body, so that the connection can be reused', async () => {
    const { url } = await gatewayWith({});
    const agent = request.agent(url);
    for (let times = 0; times < 3; times += 1)
      expect((await agent.post('/api').send('x'.repeat(200_000))).status).toBe(503);
  });

  test('may be of one route alone', async () => {
    const { url } = await harness.gateway(upstream, [{ name: 'request-termination', route: 'closed' }], {
      routes: [{ name: 'closed', paths: ['/closed'] }],
    });
    expect((await request(url).get('/closed')).status).toBe(503);
    expect((await request(url).get('/api')).status).toBe(200);
  });

  test.each([
    [{ message: 'a', body: 'b' }, 'plugins[0].config: message cannot be used with content_type or body'],
    [{ content_type: 'text/html' }, 'plugins[0].config: content_type needs a body'],
    [
      { body: 'b', content_type: 'text/html\r\nX-Evil: 1' },
      'plugins[0].config.content_type: must be what can stand in a header',
    ],
    [{ status_code: 99 }, 'plugins[0].config.status_code: must be 200 at least'],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('request-termination', config)).toEqual([mistake]);
  });
});
