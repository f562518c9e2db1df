import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { rawRequest, sendRaw } from '../raw-http-client.ts';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { createPluginHarness, type PluginEntry } from './plugin-harness.ts';

const harness = createPluginHarness();

const EVERYTHING = {
  remove: { json: ['password'] },
  rename: { json: ['old:new', 'absent:never'] },
  replace: { json: ['there:$(headers["x-name"])', 'absent:never'] },
  add: { json: ['count:3', 'there:not this', 'yes:true'], json_types: ['number', 'string', 'boolean'] },
  append: { json: ['list:2', 'fresh:first'], json_types: ['number'] },
};

const SECRETS = { password: 'secret', old: [1], there: 'x', list: [1] };
const CHANGED = { there: 'ada', list: [1, 2], new: [1], count: 3, yes: true, fresh: ['first'] };

/** Answers JSON, or what the path names. */
function answer(incoming: IncomingMessage, response: ServerResponse): void {
  const json = JSON.stringify(SECRETS);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  switch (incoming.url) {
    case '/chunks':
      response.setHeader('Trailer', 'X-Sum').write(json.slice(0, 5));
      setImmediate(() => {
        response.addTrailers({ 'X-Sum': '1' });
        response.end(json.slice(5));
      });
      return;
    case '/list':
      response.end('[1, 2]');
      return;
    case '/broken':
      response.end('{"password":');
      return;
    case '/none':
      response.writeHead(204).end();
      return;
    case '/long':
      response.setHeader('Content-Length', 200).end('x'.repeat(200));
      return;
    case '/long-chunks':
      response.write('x'.repeat(200));
      setImmediate(() => response.end('x'.repeat(200)));
      return;
    case '/gzip':
      response.setHeader('Content-Encoding', 'gzip').end('x');
      return;
    case '/problem':
      response.statusCode = 404;
      response.setHeader('Content-Type', 'application/problem+json').end(json);
      return;
    case '/breaks':
      response.write(json.slice(0, 5));
      setImmediate(() => response.destroy());
      return;
    case '/asked':
      response.end(JSON.stringify([incoming.headers['accept-encoding'], incoming.headers.range ?? 'all']));
      return;
    default:
      response.setHeader('Content-Length', json.length).setHeader('Content-MD5', 'x').end(json);
  }
}

let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream(answer);
});

const gatewayWith = (config: object, others: readonly PluginEntry[] = []) =>
  harness.gateway(upstream, [{ name: 'response-transformer', config }, ...others]);

const get = ({ url }: Gateway, path: string) => request(url).get(`/api${path}`).set('X-Name', 'ada');

describe('response-transformer on JSON', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith({ ...EVERYTHING, max_body_bytes: 100 });
  });

  test.each(['', '/chunks'])('changes the members of an object (%j)', async (path) => {
    const { status, body, text, headers } = await get(gateway, path);
    expect([status, body]).toEqual([200, CHANGED]);
    expect(headers).toMatchObject({
      'content-length': String(text.length),
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': expect.any(String),
    });
    for (const name of ['trailer', 'content-md5']) expect(headers).not.toHaveProperty(name);
  });

  test('changes it also for HTTP/1.0 clients and WebSocket requests', async () => {
    const old = await sendRaw(gateway.port, rawRequest('GET /api HTTP/1.0', 'X-Name: ada'));
    const upgrade = rawRequest(
      'GET /api HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'X-Name: ada',
    );
    const odd = await sendRaw(gateway.port, upgrade.replace('Connection: close\r\n', ''));
    expect([JSON.parse(old.body), JSON.parse(odd.body)]).toEqual([CHANGED, CHANGED]);
  });

  test('sends no wrong Content-Length to HEAD requests', async () => {
    const { headers } = await request(gateway.url).head('/api');
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers).not.toHaveProperty('content-length');
  });

  test('asks for whole answers that are not compressed', async () => {
    const { body } = await get(gateway, '/asked').set({ 'Accept-Encoding': 'gzip', Range: 'bytes=0-1' });
    expect(body).toEqual(['identity', 'all']);
  });

  test.each([
    ['/list', 200, '[1, 2]'],
    ['/broken', 200, '{"password":'],
    ['/none', 204, ''],
    ['/problem', 404, JSON.stringify(SECRETS)],
  ])('leaves %s as it is', async (path, status, text) => {
    const answered = await fetch(`${gateway.url}/api${path}`);
    expect([answered.status, await answered.text()]).toEqual([status, text]);
  });

  test.each([
    ['/long', 'The response is longer than the 100 bytes that can be changed.'],
    ['/long-chunks', 'The response is longer than the 100 bytes that can be changed.'],
    ['/gzip', 'The response is compressed and cannot be changed.'],
  ])('answers 502 instead of %s', async (path, message) => {
    const { status, body, headers } = await get(gateway, path);
    expect([status, body.code, body.message]).toEqual([502, 'bad_gateway', message]);
    expect(headers['x-request-id']).toBe(body.requestId);
  });

  test('closes the client connection if the upstream response breaks off', async () => {
    await expect(get(gateway, '/breaks')).rejects.toThrow('socket hang up');
  });

  test('changes nothing that the gateway says itself', async () => {
    const terminating = await gatewayWith({ add: { json: ['added:1'] } }, [{ name: 'request-termination' }]);
    expect((await get(terminating, '')).body).not.toHaveProperty('added');
  });
});

test('response-transformer lets other answers pass as they come', async () => {
  const waiting: ServerResponse[] = [];
  const events = await harness.upstream((_incoming, response) => {
    response.setHeader('Content-Type', 'text/event-stream').write('data: 1\n\n');
    waiting.push(response);
  });
  const gateway = await harness.gateway(events, [{ name: 'response-transformer', config: EVERYTHING }]);
  const seen: string[] = [];
  const call = request(gateway.url)
    .get('/api')
    .buffer(false)
    .parse((response, done) => {
      response.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      response.on('end', () => done(null, undefined));
    });
  const answered = call.then((response) => response.status);
  await eventually(() => expect(seen).toEqual(['data: 1\n\n']));
  waiting[0]?.end();
  expect(await answered).toBe(200);
});

test('response-transformer changes what a cache answers for each client anew', async () => {
  const gateway = await gatewayWith(EVERYTHING, [{ name: 'proxy-cache', config: { strategy: 'memory' } }]);
  const first = await get(gateway, '');
  const second = await get(gateway, '').set('X-Name', 'bob');
  expect([first.headers['x-cache'], first.body]).toEqual(['MISS', CHANGED]);
  expect([second.headers['x-cache'], second.body]).toEqual(['HIT', { ...CHANGED, there: 'bob' }]);
  expect(second.headers['content-length']).toBe(String(second.text.length));
});

test('what response-transformer changed is logged with the length that was sent', async () => {
  const logs: unknown[] = [];
  const collector = await harness.upstream((incoming, response) => {
    incoming.on('data', (chunk: Buffer) => logs.push(JSON.parse(chunk.toString())));
    incoming.on('end', () => response.end());
  });
  const gateway = await gatewayWith(EVERYTHING, [
    { name: 'http-log', config: { http_endpoint: collector.url } },
  ]);
  const { text } = await get(gateway, '');
  await eventually(() => expect(logs).toMatchObject([{ response: { status: 200, size: text.length } }]));
});
