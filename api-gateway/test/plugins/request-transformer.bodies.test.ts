import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { rawRequest, sendRaw } from '../raw-http-client.ts';
import { createPluginHarness, type PluginEntry } from './plugin-harness.ts';

const harness = createPluginHarness();
let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});

const EVERYTHING = {
  remove: { body: ['gone'] },
  rename: { body: ['old:new', 'absent:never'] },
  replace: { body: ['there:replaced', 'absent:never'] },
  add: { body: ['added:$(headers["x-name"])', 'there:not this'] },
  append: { body: ['list:c', 'text:b', 'fresh:first'] },
};

const gatewayWith = (config: object, others: readonly PluginEntry[] = [], environment = {}) =>
  harness.gateway(upstream, [{ name: 'request-transformer', config }, ...others], { environment });

/** An open request whose body the test writes. */
function begin({ port }: Gateway, headers: Readonly<Record<string, string>>) {
  const call = httpRequest({ port, host: '127.0.0.1', path: '/api', method: 'POST', headers });
  const answered: Promise<IncomingMessage[]> = once(call, 'response');
  answered.catch(() => undefined);
  const answer = async () => {
    const [response] = await answered;
    return response === undefined
      ? undefined
      : { status: response.statusCode, body: JSON.parse(await text(response)) };
  };
  return { call, answer };
}

describe('request-transformer on bodies', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith(EVERYTHING);
  });

  test('removes, renames, replaces, adds and appends members of a JSON object', async () => {
    const sent = { gone: 1, old: { deep: [1] }, there: null, list: ['a', 'b'], text: 'a', kept: 1.5 };
    const { body } = await request(gateway.url).post('/api').set('X-Name', 'ada').send(sent);
    expect(JSON.parse(body.body)).toEqual({
      new: { deep: [1] },
      there: 'replaced',
      added: 'ada',
      list: ['a', 'b', 'c'],
      text: ['a', 'b'],
      fresh: ['first'],
      kept: 1.5,
    });
    expect(body.headers['content-length']).toBe(String(body.body.length));
  });

  test('does the same with the arguments of a form', async () => {
    const { body } = await request(gateway.url)
      .post('/api')
      .set('X-Name', 'ada')
      .send('gone=1&old=a&old=b&there=x&list=a&list=b&text=a');
    expect([...new URLSearchParams(body.body)]).toEqual([
      ['there', 'replaced'],
      ['list', 'a'],
      ['list', 'b'],
      ['text', 'a'],
      ['new', 'a'],
      ['new', 'b'],
      ['added', 'ada'],
      ['list', 'c'],
      ['text', 'b'],
      ['fresh', 'first'],
    ]);
    expect(body.headers['content-length']).toBe(String(body.body.length));
  });

  test('takes a body in chunks, and tells the service its length', async () => {
    const { call, answer } = begin(gateway, {
      'Content-Type': 'application/json; charset=UTF-8',
      'Content-Digest': 'sha-256=:of another body:',
    });
    call.write('{"old":"ä');
    await eventually(() => expect(call.socket?.bytesWritten).toBeGreaterThan(0));
    call.end('ö"}');
    const { body: asked } = (await answer()) ?? {};
    expect(JSON.parse(asked.body)).toMatchObject({ new: 'äö' });
    for (const name of ['transfer-encoding', 'content-digest'])
      expect(asked.headers).not.toHaveProperty(name);
    expect(asked.headers['content-length']).toBe(String(Buffer.byteLength(asked.body)));
  });

  test('asks for a body whose client waits to be asked', async () => {
    const { call, answer } = begin(gateway, { 'Content-Type': 'application/json', Expect: '100-continue' });
    call.flushHeaders();
    await once(call, 'continue');
    call.end('{"old":1}');
    expect(await answer()).toMatchObject({ status: 200, body: { body: expect.stringContaining('"new":1') } });
  });

  test('makes a body of what it adds where there is none', async () => {
    const post = request(gateway.url).post('/api').type('json').set('X-Name', 'ada');
    expect(JSON.parse((await post).body.body)).toEqual({
      added: 'ada',
      there: 'not this',
      list: ['c'],
      text: ['b'],
      fresh: ['first'],
    });
  });

  test('makes none where nothing is added', async () => {
    const { url } = await gatewayWith({ remove: { body: ['a'] } });
    for (const type of ['json', 'form']) {
      const { body } = await request(url).post('/api').type(type);
      expect(body.body).toBe('');
    }
  });

  test.each(['[1, 2]', '"text"', '12345678901234567890', 'null'])(
    'leaves %s as it is, which is JSON and no object',
    async (sent) => {
      const { body } = await request(gateway.url).post('/api').type('json').send(sent);
      expect(body.body).toBe(sent);
    },
  );

  test('lets every other body pass as it comes', async () => {
    const arrived: string[] = [];
    const streaming = await harness.upstream((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => arrived.push(chunk.toString()));
      incoming.on('end', () => response.end('{}'));
    });
    const gatewayTo = await harness.gateway(streaming, [{ name: 'request-transformer', config: EVERYTHING }]);
    const { call, answer } = begin(gatewayTo, { 'Content-Type': 'text/plain' });
    call.write('{"old":1}');
    await eventually(() => expect(arrived).toEqual(['{"old":1}']));
    call.end();
    expect(await answer()).toMatchObject({ status: 200 });
  });

  test('gives no body to a request that has none and does not speak of one', async () => {
    const { body } = await request(gateway.url).get('/api');
    expect([body.method, body.body]).toEqual(['GET', '']);
    expect(body.headers).not.toHaveProperty('content-length');
  });
});

describe('a body that cannot be changed', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith({ ...EVERYTHING, max_body_bytes: 100 }, [], { CLIENT_IDLE_MS: '100' });
  });

  test.each<[number, string, string | Buffer, Record<string, string>]>([
    [400, 'is no JSON', '{"a":', {}],
    [415, 'is compressed', gzipSync('{}'), { 'Content-Encoding': 'gzip' }],
    [415, 'says it is in another encoding', '{}', { 'Content-Type': 'application/json; charset="utf-16"' }],
    [415, 'is in another encoding', Buffer.from([0x22, 0xff, 0x22]), {}],
    [413, 'is too long', `"${'x'.repeat(100)}"`, {}],
  ])('is refused with %i where it %s', async (status, _what, body, headers) => {
    const before = upstream.requests.length;
    const { call, answer } = begin(gateway, { 'Content-Type': 'application/json', ...headers });
    call.end(body);
    expect(await answer()).toMatchObject({ status, body: { status } });
    expect(upstream.requests).toHaveLength(before);
  });

  test('is a 413 as soon as too much of it has come', async () => {
    const { call, answer } = begin(gateway, { 'Content-Type': 'application/json' });
    call.write(`"${'x'.repeat(101)}`);
    expect(await answer()).toMatchObject({ status: 413 });
    call.destroy();
  });

  test('is a 408 where it stops coming', async () => {
    const { call, answer } = begin(gateway, { 'Content-Type': 'application/json', 'Content-Length': '50' });
    call.write('{"a":');
    expect(await answer()).toMatchObject({ status: 408, body: { code: 'request_timeout' } });
    call.destroy();
  });

  test('reaches no service where its client goes away', async () => {
    const before = upstream.requests.length;
    const { call } = begin(gateway, { 'Content-Type': 'application/json', 'Content-Length': '50' });
    call.write('{"a":');
    await eventually(() => expect(call.socket?.bytesWritten).toBeGreaterThan(0));
    call.destroy();
    await eventually(() =>
      expect(gateway.lines).toContainEqual(
        expect.objectContaining({
          event: 'response_sent',
          fields: expect.objectContaining({ url: '/api', status: 499 }),
        }),
      ),
    );
    expect(upstream.requests).toHaveLength(before);
  });
});

test('request-transformer keeps to the limit of request-size-limiting, in chunks as well', async () => {
  const gateway = await gatewayWith(EVERYTHING, [
    { name: 'request-size-limiting', config: { allowed_payload_size: 20, size_unit: 'bytes' } },
  ]);
  const { call, answer } = begin(gateway, { 'Content-Type': 'application/json' });
  call.end(`"${'x'.repeat(30)}"`);
  expect(await answer()).toMatchObject({
    status: 413,
    body: { message: 'The body is longer than 20 bytes.' },
  });
});

test('request-transformer leaves a request for a WebSocket alone', async () => {
  const gateway = await gatewayWith({ add: { body: ['a:b'] } });
  const { head } = await sendRaw(
    gateway.port,
    rawRequest(
      'GET /api HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Content-Type: application/json',
    ).replace('Connection: close\r\n', ''),
  );
  expect(head).toMatch(/^HTTP\/1\.1 200/);
});
