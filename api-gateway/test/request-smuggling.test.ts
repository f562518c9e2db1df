import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

/** What the service made of what came: one line a request. */
let arrived: string[];
let users: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream((incoming, response) => void note(incoming, response));
  gateway = await startGateway({ USERS_SERVICE_URL: users.url });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

beforeEach(() => {
  arrived = [];
});

async function note(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(incoming).catch(() => '(broken off)');
  arrived.push(`${incoming.method} ${incoming.url} ${body}`);
  response.end(body);
}

/** Bytes that a wrong parser would take for a second request. */
const HIDDEN = 'GET /api/users/hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

const post = (...headers: string[]) =>
  ['POST /api/users HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n');

/** All statuses that came over one connection, until its end. */
async function statuses(bytes: string): Promise<number[]> {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  const answers = await text(socket).catch(() => '');
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

describe('no second request comes of', () => {
  test.each([
    ['a length and chunks', ['Content-Length: 6', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 6'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], ''],
    ['a list of lengths', ['Content-Length: 0, 0'], ''],
    ['a length with a sign', ['Content-Length: +0'], ''],
    ['a length in hexadecimal', ['Content-Length: 0x0'], ''],
    ['an empty length', ['Content-Length:'], ''],
    ['a length beyond all numbers', ['Content-Length: 99999999999999999999999'], ''],
    ['an encoding after chunked', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['an encoding before chunked', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['chunked in quotes', ['Transfer-Encoding: "chunked"'], '0\r\n\r\n'],
    ['chunked twice', ['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'],
    ['a vertical tab before chunked', ['Transfer-Encoding: \u000bchunked'], '0\r\n\r\n'],
    ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a folded encoding', ['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'],
    ['an encoding that hides behind a line feed', ['X: a\nTransfer-Encoding: chunked'], '0\r\n\r\n'],
    ['two encodings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'],
    ['a length in two words', ['Content-Length: 0 0'], ''],
    ['a length behind a carriage return', ['X: a\rContent-Length: 0'], ''],
    ['an encoding behind a NUL', ['X: a\u0000', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ])('%s: 400, and the connection ends', async (_name, headers, body) => {
    expect(await statuses(post(...headers) + body + HIDDEN)).toEqual([400]);
    expect(arrived).toEqual([]);
  });

  test.each([
    ['a size that is too small', `1\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ['no size', `\r\n${HIDDEN}`],
    ['a size and a NUL', `0\u0000\r\n\r\n${HIDDEN}`],
    ['a size in underscores', `0_0\r\n\r\n${HIDDEN}`],
    ['no line end after the last', `1\r\naXX0\r\n\r\n${HIDDEN}`],
    ['an extension that holds a carriage return', `0;a\rb\r\n\r\n${HIDDEN}`],
    ['a trailer that is none', `0\r\nGET /api/users/hidden HTTP/1.1\r\n\r\n${HIDDEN}`],
    ['a length among their trailers', `0\r\nContent-Length: 9\r\n\r\n${HIDDEN}`],
    ['a folded trailer', `0\r\nX: a\r\n b\r\n\r\n${HIDDEN}`],
    ['a size with a sign', `+0\r\n\r\n${HIDDEN}`],
    ['a size after a space', ` 0\r\n\r\n${HIDDEN}`],
    ['a size in another base', `0x0\r\n\r\n${HIDDEN}`],
    ['a size beyond all numbers', `ffffffffffffffffff\r\n${HIDDEN}`],
    ['line feeds alone', `0\n\n${HIDDEN}`],
    ['a carriage return alone', `0\r\r${HIDDEN}`],
    ['an extension that ends in a line feed', `0;a\n\r\n${HIDDEN}`],
    ['endless extensions', `0;${'a'.repeat(20_000)}\r\n\r\n${HIDDEN}`],
  ])('chunks with %s: 400, and the connection ends', async (_name, chunks) => {
    expect(await statuses(post('Transfer-Encoding: chunked') + chunks)).toEqual([400]);
    expect(arrived.filter((line) => !line.endsWith('(broken off)'))).toEqual([]);
  });

  test.each([
    ['without a version', 'GET /api/users\r\n\r\n'],
    ['in line feeds', 'GET /api/users HTTP/1.1\nHost: x\n\n'],
    ['with a folded header first', 'GET /api/users HTTP/1.1\r\n Host: x\r\n\r\n'],
  ])('a request line %s: 400, and the connection ends', async (_name, bytes) => {
    expect(await statuses(bytes + HIDDEN)).toEqual([400]);
    expect(arrived).toEqual([]);
  });
});

describe('an honest second request is still one after', () => {
  test.each([
    ['a header that only looks like the encoding’s', ['Transfer_Encoding: chunked', 'Content-Length: 0'], ''],
    ['chunks after a tab', ['Transfer-Encoding:\tchunked'], '0\r\n\r\n'],
    ['a length between spaces', ['Content-Length:  0  '], ''],
  ])('%s', async (_name, headers, body) => {
    expect(await statuses(post(...headers) + body + HIDDEN)).toEqual([200, 200]);
    expect(arrived.toSorted()).toEqual(['GET /users/hidden ', 'POST /users ']);
  });
});

describe('a body in chunks', () => {
  test('arrives without the extensions that it came with', async () => {
    const chunks = '5;name=value;other="quoted"\r\nhello\r\n0;last\r\n\r\n';
    await sendRaw(
      gateway.port,
      rawRequest('POST /api/users HTTP/1.1', 'Transfer-Encoding: chunked') + chunks,
    );
    expect(arrived).toEqual(['POST /users hello']);
  });

  test('may say so in any case', async () => {
    const chunks = '5\r\nhello\r\n0\r\n\r\n';
    await sendRaw(
      gateway.port,
      rawRequest('POST /api/users HTTP/1.1', 'Transfer-Encoding: Chunked') + chunks,
    );
    expect(arrived).toEqual(['POST /users hello']);
  });

  test('and its end may come byte by byte', async () => {
    const socket = connect(gateway.port, '127.0.0.1').setNoDelay(true);
    const answer = text(socket);
    const bytes = `${rawRequest('POST /api/users HTTP/1.1', 'Transfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n`;
    for (const byte of bytes) socket.write(byte);
    expect(await answer).toMatch(/^HTTP\/1\.1 200/);
    expect(arrived).toEqual(['POST /users a']);
  });
});

describe('requests one after the other over a connection', () => {
  const get = (path: string, ...headers: string[]) =>
    [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

  test('are answered in their order, even those that are refused', async () => {
    const requests = [get('/api/users/1'), get('/api/users/%2e%2e'), get('/nowhere'), get('/api/users/2')];
    const last = get('/api/users/3', 'Connection: close');
    expect(await statuses([...requests, last].join(''))).toEqual([200, 400, 404, 200, 200]);
    expect(arrived).toEqual(['GET /users/1 ', 'GET /users/2 ', 'GET /users/3 ']);
  });

  test('each keep their own body', async () => {
    const one = `${post('Content-Length: 5')}first`;
    const two = `${post('Transfer-Encoding: chunked')}6\r\nsecond\r\n0\r\n\r\n`;
    expect(await statuses(one + two + get('/api/users/3', 'Connection: close'))).toEqual([200, 200, 200]);
    expect(arrived).toEqual(['POST /users first', 'POST /users second', 'GET /users/3 ']);
  });
});

describe('what this is not', () => {
  test('a forward proxy: CONNECT is a 405, in words', async () => {
    const { status, head, body } = await sendRaw(
      gateway.port,
      'CONNECT internal.test:443 HTTP/1.1\r\nHost: internal.test:443\r\n\r\n',
    );
    expect(status).toBe(405);
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'method_not_allowed' });
  });

  test.each(['user:secret@gateway.test', 'gateway.test:port', 'gateway.test/path', 'gateway..test#', '[::1'])(
    'asked for by the host %j',
    async (host) => {
      expect(await statuses(`GET /api/users HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toEqual(
        [400],
      );
      expect(arrived).toEqual([]);
    },
  );
});

test('too many headers are a 431', async () => {
  const many = Array.from({ length: 300 }, (_none, index) => `X-${index}: 1`);
  const { status, body } = await sendRaw(gateway.port, rawRequest('GET /api/users HTTP/1.1', ...many));
  expect([status, JSON.parse(body).code]).toEqual([431, 'headers_too_large']);
});

test('headers that do not come to an end are cut off', async () => {
  const own = await startGateway({ USERS_SERVICE_URL: users.url, HEADERS_TIMEOUT_MS: '100' });
  const socket = connect(own.port, '127.0.0.1');
  socket.write('GET /api/users/1 HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const drops = setInterval(() => socket.write('x'), 20);
  socket.on('error', () => undefined).once('close', () => clearInterval(drops));
  const [first] = await once(socket, 'data');
  expect(String(first)).toMatch(/^HTTP\/1\.1 408 /);
  await own.stop();
});
