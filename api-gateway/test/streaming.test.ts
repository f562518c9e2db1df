import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rawRequest, sendRaw } from './raw.ts';
import { startGateway, startUpstream, type Gateway, type Upstream } from './test-gateway.ts';

/** More than all the buffers of three hops hold. */
const MUCH = 64 * 1024 * 1024;

let users: Upstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream(serve);
  gateway = await startGateway({ USERS_SERVICE_URL: users.url });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

beforeEach(() => {
  made = 0;
});

const events = new Set<http.ServerResponse>();
/** Until then the service reads no body. */
let released = Promise.resolve();

/** What a service may do with bodies. */
function serve(incoming: IncomingMessage, response: http.ServerResponse): void {
  switch (incoming.url) {
    case '/users/much':
      response.setHeader('Content-Length', MUCH);
      void pipeline(Readable.from(chunks(MUCH)), response).catch(() => undefined);
      break;
    case '/users/count':
      void released.then(async () => response.end(String(await count(incoming))));
      break;
    case '/users/events':
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      events.add(response);
      break;
    case '/users/gzip':
      response.setHeader('Content-Encoding', 'gzip').end(gzipSync('compressed'));
      break;
    case '/users/trailers':
      response.writeHead(200, { Trailer: 'X-Checksum' }).write('body');
      response.addTrailers({ 'X-Checksum': 'abc' });
      response.end();
      break;
    case '/users/range':
      response.writeHead(206, { 'Content-Range': 'bytes 0-3/10', 'Content-Length': 4 }).end('0123');
      break;
    case '/users/unchanged':
      response.writeHead(304, { ETag: '"x"' }).end();
      break;
    case '/users/nothing':
      response.writeHead(204).end();
      break;
    case '/users/early':
      response.writeHead(413, { Connection: 'close', 'Content-Length': 8 }).end('too much');
      break;
    default:
      response.setHeader('Content-Length', 4).end('body');
  }
}

/** How many bytes of the last body there have been so far. */
let made = 0;

function* chunks(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024);
  for (made = 0; made < bytes; made += chunk.length) yield chunk;
}

async function count(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += Buffer.byteLength(chunk);
  return bytes;
}

/** Waits until a number stops growing, or has come to `end`. */
async function settled(read: () => number, end: number): Promise<number> {
  for (let last = -1; ; last = read()) {
    await wait(50);
    if (read() === last || read() >= end) return read();
  }
}

describe('a body of 64 MB', () => {
  test('comes down at the pace of its reader, in full, and waits in no memory', async () => {
    const [answer] = await once(http.get(`${gateway.url}/api/users/much`), 'response');
    expect(await settled(() => made, MUCH)).toBeLessThan(MUCH);
    expect(await count(answer)).toBe(MUCH);
  });

  test.each([
    ['with a length', { 'Content-Length': MUCH }],
    ['in chunks', { 'Transfer-Encoding': 'chunked' }],
  ])('%s goes up at the pace of the service, in full, and waits in no memory', async (_name, headers) => {
    const release = Promise.withResolvers<void>();
    released = release.promise;
    const upload = http.request(`${gateway.url}/api/users/count`, { method: 'POST', headers });
    const sending = pipeline(Readable.from(chunks(MUCH)), upload);
    expect(await settled(() => made, MUCH)).toBeLessThan(MUCH);
    release.resolve();
    const [[answer]] = await Promise.all([once(upload, 'response'), sending]);
    expect(await text(answer)).toBe(String(MUCH));
  });
});

test('events come one by one, and their headers before the first', async () => {
  const [answer] = await once(http.get(`${gateway.url}/api/users/events`), 'response');
  expect(answer.headers['content-type']).toBe('text/event-stream');
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    for (const response of events) response.write(event);
    const [chunk] = await once(answer, 'data');
    expect(String(chunk)).toBe(event);
  }
  answer.destroy();
});

describe('an answer', () => {
  const get = (path: string, ...headers: string[]) =>
    sendRaw(gateway.port, rawRequest(`GET /api/users/${path} HTTP/1.1`, ...headers));

  test('in gzip stays in gzip', async () => {
    const response = await new Promise<IncomingMessage>((resolve) => {
      http.get(`${gateway.url}/api/users/gzip`, resolve);
    });
    expect(response.headers['content-encoding']).toBe('gzip');
    const body = await buffer(response);
    expect(gunzipSync(body).toString()).toBe('compressed');
  });

  test('keeps its trailers', async () => {
    const [answer] = await once(http.get(`${gateway.url}/api/users/trailers`), 'response');
    await answer.resume().toArray();
    expect(answer.trailers).toEqual({ 'x-checksum': 'abc' });
  });

  test('to a range is that range', async () => {
    const { status, head, body } = await get('range', 'Range: bytes=0-3');
    expect([status, body]).toEqual([206, '0123']);
    expect(head).toContain('Content-Range: bytes 0-3/10');
  });

  test.each([
    ['unchanged', 304],
    ['nothing', 204],
  ])('of %s is a %d without a body', async (path, expected) => {
    const { status, head, body } = await get(path);
    expect([status, body]).toEqual([expected, '']);
    expect(head).not.toMatch(/transfer-encoding/i);
  });

  test('to HEAD has the length and no body', async () => {
    const { head, body } = await sendRaw(gateway.port, rawRequest('HEAD /api/users/1 HTTP/1.1'));
    expect(head).toContain('Content-Length: 4');
    expect(body).toBe('');
  });

  test('to HTTP/1.0 comes without chunks', async () => {
    const { status, head, body } = await sendRaw(
      gateway.port,
      rawRequest('GET /api/users/trailers HTTP/1.0'),
    );
    expect([status, body]).toEqual([200, 'body']);
    expect(head).not.toMatch(/transfer-encoding/i);
  });

  test('that comes before the upload is over is passed on', async () => {
    const upload = rawRequest('POST /api/users/early HTTP/1.1', 'Content-Length: 1000000') + 'begin';
    const { status, body } = await sendRaw(gateway.port, upload);
    expect([status, body]).toEqual([413, 'too much']);
  });
});

test('Expect: 100-continue is answered by the gateway, and the body arrives', async () => {
  const upload = http.request(`${gateway.url}/api/users/count`, {
    method: 'POST',
    headers: { Expect: '100-continue', 'Content-Length': 4 },
  });
  upload.flushHeaders();
  await once(upload, 'continue');
  upload.end('body');
  const [answer] = await once(upload, 'response');
  expect(await text(answer)).toBe('4');
});

test('connections on both sides are used again', async () => {
  const before = new Set(users.requests.map(({ socket }) => socket)).size;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let times = 0; times < 5; times += 1) {
    const [answer] = await once(http.get(`${gateway.url}/api/users/1`, { agent }), 'response');
    await answer.resume().toArray();
  }
  agent.destroy();
  expect(new Set(users.requests.map(({ socket }) => socket)).size - before).toBeLessThanOrEqual(1);
});
