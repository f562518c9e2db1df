import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { rawRequest, sendRaw } from '../raw-http-client.ts';
import type { TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});
const gatewayWith = (config: object) =>
  harness.gateway(upstream, [{ name: 'request-size-limiting', config }]);

/** Sends a body in chunks until a response arrives. */
async function sendChunks(
  url: string,
  chunks: number,
): Promise<{ status: number | undefined; body: string }> {
  const call = httpRequest(`${url}/api`, { method: 'POST' });
  call.on('error', () => undefined);
  const answered: Promise<IncomingMessage[]> = once(call, 'response');
  const answers: IncomingMessage[] = [];
  call.once('response', (answer) => answers.push(answer));
  for (let sent = 0; sent < chunks && answers.length === 0; sent += 1) {
    call.write('x'.repeat(512));
    await new Promise((resolve) => setImmediate(resolve));
  }
  call.end();
  const [response] = await answered;
  return { status: response?.statusCode, body: response === undefined ? '' : await text(response) };
}

describe('request-size-limiting', () => {
  test('refuses a length that is too long before anything of the body passes', async () => {
    const { url } = await gatewayWith({ allowed_payload_size: 1, size_unit: 'kilobytes' });
    const fits = await request(url).post('/api').type('text').send('x'.repeat(1_024));
    expect([fits.status, fits.body.body.length]).toEqual([200, 1_024]);
    const before = upstream.requests.length;
    const { status, body } = await request(url).post('/api').type('text').send('x'.repeat(1_025));
    expect([status, body.code, body.message]).toEqual([
      413,
      'payload_too_large',
      'The body is longer than 1 kilobytes.',
    ]);
    expect(upstream.requests).toHaveLength(before);
  });

  test('ends a body without a length once too much of it has come', async () => {
    const { url } = await gatewayWith({ allowed_payload_size: 2_000, size_unit: 'bytes' });
    expect((await sendChunks(url, 3)).status).toBe(200);
    const { status, body } = await sendChunks(url, 1_000);
    expect([status, JSON.parse(body).code]).toEqual([413, 'payload_too_large']);
  });

  test('may want a length of every body', async () => {
    const { url } = await gatewayWith({ require_content_length: true });
    expect((await sendChunks(url, 1)).status).toBe(411);
    expect((await request(url).get('/api')).status).toBe(200);
  });

  test('lets a body without a length be as long as it may', async () => {
    const { url } = await gatewayWith({ allowed_payload_size: 512, size_unit: 'bytes' });
    expect((await sendChunks(url, 1)).status).toBe(200);
    expect((await sendChunks(url, 2)).status).toBe(413);
  });

  test('lets nothing with a body through where nothing may come', async () => {
    const { url } = await gatewayWith({ allowed_payload_size: 0 });
    expect((await request(url).post('/api').type('text').send('x')).status).toBe(413);
    expect((await request(url).post('/api')).status).toBe(200);
    expect((await request(url).get('/api')).status).toBe(200);
  });

  test('sends no 100 Continue for a body that it would refuse', async () => {
    const { port } = await gatewayWith({ allowed_payload_size: 1, size_unit: 'bytes' });
    const { head } = await sendRaw(
      port,
      rawRequest('POST /api HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 2'),
    );
    expect(head).toMatch(/^HTTP\/1\.1 413/);
  });

  test('knows three units', () => {
    expect(configMistakes('request-size-limiting', { size_unit: 'gigabytes' })).toEqual([
      'plugins[0].config.size_unit: must be megabytes or kilobytes or bytes',
    ]);
  });
});
