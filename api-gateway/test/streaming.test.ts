import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

/** More than all the buffers of three hops hold. */
const MUCH = 64 * 1024 * 1024;

const COMPRESSED = gzipSync('compressed', { level: 1 });

let users: TestUpstream;
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
      response.setHeader('Content-Encoding', 'gzip').end(COMPRESSED);
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
      // With the length that a 200 would have.
      response.writeHead(304, { ETag: '"x"', 'Content-Length': 4 }).end();
      break;
    case '/users/whole':
      response.write('bo');
      response.end('dy');
      break;
    case '/users/nothing':
      response.writeHead(204).end();
      break;
    case '/users/hints':
      response.writeEarlyHints({ link: '</style.css>; rel=preload', 'x-hint': '1' });
      response.writeProcessing();
      response.end('body');
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

test('event streams end when the gateway stops, which does not wait for their readers', async () => {
  const own = await startGateway({ USERS_SERVICE_URL: users.url });
  const [answer] = await once(http.get(`${own.url}/api/users/events`), 'response');
  const ended = once(answer, 'error');
  expect(await own.stop()).toBe(true);
  expect((await ended)[0]).toMatchObject({ code: 'ECONNRESET' });
});

test('what is asked while the gateway stops is answered, and its connection ends with that', async () => {
  const own = await startGateway({ USERS_SERVICE_URL: users.url, DRAIN_MS: '500' });
  const agent = new http.Agent({ keepAlive: true });
  const connection = async () => {
    const [answer] = await once(http.get(`${own.url}/api/users/1`, { agent }), 'response');
    await answer.resume().toArray();
    return [answer.statusCode, answer.headers.connection];
  };
  expect(await connection()).toEqual([200, 'keep-alive']);
  const stopping = own.stop();
  expect(await connection()).toEqual([200, 'close']);
  expect(await stopping).toBe(true);
  agent.destroy();
});

describe('an answer', () => {
  const get = (path: string, ...headers: string[]) =>
    sendRaw(gateway.port, rawRequest(`GET /api/users/${path} HTTP/1.1`, ...headers));

  test('in gzip stays in gzip', async () => {
    const response = await new Promise<IncomingMessage>((resolve) => {
      http.get(`${gateway.url}/api/users/gzip`, resolve);
    });
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(await buffer(response)).toEqual(COMPRESSED);
  });

  test('keeps its trailers', async () => {
    const [answer] = await once(http.get(`${gateway.url}/api/users/trailers`), 'response');
    await answer.resume().toArray();
    expect(answer.trailers).toEqual({ 'x-checksum': 'abc' });
  });

  test('comes after what the service says before it: early hints, and that it is at it', async () => {
    const { status, head, body } = await get('hints');
    expect(status).toBe(103);
    expect(head.toLowerCase()).toContain('link: </style.css>; rel=preload');
    expect(body).toMatch(/^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*body$/);
  });

  test('to HTTP/1.0 comes without those', async () => {
    const answer = await sendRaw(gateway.port, rawRequest('GET /api/users/hints HTTP/1.0'));
    expect(answer.status).toBe(200);
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

  test('to HEAD of what comes in chunks has neither length nor body', async () => {
    const { status, head, body } = await sendRaw(gateway.port, rawRequest('HEAD /api/users/whole HTTP/1.1'));
    expect([status, body]).toEqual([200, '']);
    expect(head).not.toMatch(/content-length/i);
  });

  test('of unchanged has the headers of what it stands for, and the next over the connection is whole', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('GET /api/users/unchanged HTTP/1.1\r\nHost: x\r\nIf-None-Match: "x"\r\n\r\n');
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.1 304 [^]*ETag: "x"[^]*\r\n\r\n$/);
    socket.write(rawRequest('GET /api/users/1 HTTP/1.1'));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*body$/);
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

describe('a client that waits for 100 before it sends its body', () => {
  const asking = (path: string, ...headers: string[]) =>
    rawRequest(`POST /api/users/${path} HTTP/1.1`, 'Expect: 100-continue', 'Content-Length: 4', ...headers);

  test('gets it, and its body arrives', async () => {
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

  test('is refused without it, and sends nothing', async () => {
    const { status, head } = await sendRaw(gateway.port, asking('count', 'Authorization: Bearer x'));
    expect(status).toBe(401);
    expect(head).toMatch(/^Connection: close$/m);
  });

  test('is refused without it where no instance can take the body', async () => {
    const own = await startGateway({ USERS_SERVICE_URL: 'http://127.0.0.1:1' });
    expect((await sendRaw(own.port, asking('count'))).status).toBe(503);
    await own.stop();
  });

  test('and expects something else, is a 417', async () => {
    const tea = rawRequest('POST /api/users HTTP/1.1', 'Expect: tea', 'Content-Length: 0');
    expect((await sendRaw(gateway.port, tea)).status).toBe(417);
  });
});

describe('a client that is told before all of its body has come', () => {
  test('has so long to send the rest, and not for ever', async () => {
    const own = await startGateway({ USERS_SERVICE_URL: users.url, CLIENT_IDLE_MS: '50' });
    const socket = connect(own.port, '127.0.0.1');
    socket.write('POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404/);
    await own.stop();
  });

  test('may go on over the same connection once it has', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf');
    await once(socket, 'data');
    socket.write(`half${rawRequest('GET /api/users/1 HTTP/1.1')}`);
    expect(await text(socket)).toMatch(/HTTP\/1\.1 200 OK/);
  });
});

test('a client that takes nothing of its answer is let go of, and so is the service', async () => {
  const own = await startGateway({ USERS_SERVICE_URL: users.url, UPSTREAM_IDLE_MS: '500' });
  const socket = connect(own.port, '127.0.0.1').pause();
  const closed = once(socket, 'close');
  const letGo = new Promise<void>((resolve) => {
    users.server.on('request', ({ url }, response) => {
      if (url === '/users/much') response.once('close', () => resolve());
    });
  });
  socket.on('error', () => undefined).write(rawRequest('GET /api/users/much HTTP/1.1'));
  await letGo;
  socket.resume();
  await closed;
  await own.stop();
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

test('a connection that the service keeps for too short a time to be used again is not used again', async () => {
  const short = await startUpstream();
  short.server.keepAliveTimeout = 1_000;
  const own = await startGateway({ USERS_SERVICE_URL: short.url });
  for (let times = 0; times < 3; times += 1) await fetch(`${own.url}/api/users/1`).then((got) => got.text());
  expect(new Set(short.requests.map(({ socket }) => socket)).size).toBe(3);
  await own.stop();
  await short.close();
});
