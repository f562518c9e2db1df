import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listen, type ListeningServer } from '@plaza/service-kit';
import express from 'express';

let server: ListeningServer;

beforeAll(async () => {
  server = await listen((_request, response) => response.end('ok'), 0, '127.0.0.1');
});

afterAll(() => server.close());

/** Sends the bytes as they are, and reads until the server closes. */
async function exchange(bytes: string, to = server): Promise<{ head: string; problem: unknown }> {
  const socket = connect(to.port, '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, problem: JSON.parse(body) };
}

describe('what is no request', () => {
  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'malformed_request',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['an endless address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414, 'uri_too_long'],
  ])('%s is answered in words, and the connection ends', async (_name, bytes, status, code) => {
    const { head, problem } = await exchange(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    expect(problem).toMatchObject({ status, code, message: expect.any(String) });
  });
});

test('answers end their connections once the server drains', async () => {
  const own = await listen((_request, response) => response.end('ok'), 0, '127.0.0.1');
  const connection = async () => (await fetch(`http://127.0.0.1:${own.port}`)).headers.get('connection');
  expect(await connection()).toBe('keep-alive');
  own.drain();
  expect(await connection()).toBe('close');
  await own.close();
});

test.each([
  ['a request', { requestMs: 200 }, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf'],
  ['a request’s headers', { headersMs: 200 }, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ['headers, though a request has no limit', { headersMs: 200, requestMs: 0 }, 'GET / HTTP/1.1\r\nHost: '],
  ['a connection on which nothing is asked', { headersMs: 200, requestMs: 0 }, ''],
])('%s that does not come to its end in time is told so', async (_name, patience, bytes) => {
  const hasty = await listen(() => undefined, 0, '127.0.0.1', patience);
  const { head, problem } = await exchange(bytes, hasty);
  expect(head).toMatch(/^HTTP\/1.1 408 /);
  expect(problem).toMatchObject({ status: 408, code: 'request_timeout' });
  await hasty.close();
});

describe('an Express app', () => {
  test('gets requests and responses that are its own already, so that it gives none another prototype', async () => {
    const app = express();
    app.get(
      '/',
      (request, response) => void response.json({ path: request.path, same: request.app === app }),
    );
    const own = await listen(app, 0, '127.0.0.1');
    const born: boolean[] = [];
    own.server.prependListener('request', (request, response) => {
      born.push(Object.getPrototypeOf(request) === app.request);
      born.push(Object.getPrototypeOf(response) === app.response);
    });
    const answer = await fetch(`http://127.0.0.1:${own.port}/`);
    expect(await answer.json()).toEqual({ path: '/', same: true });
    expect(born).toEqual([true, true]);
    await own.close();
  });
});
