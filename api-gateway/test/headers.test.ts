import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const signer = createSigner('k1');

let users: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream(serveJwks(signer));
  gateway = await startGateway({ USERS_SERVICE_URL: users.url });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

const last = (): IncomingMessage => {
  const seen = users.requests.at(-1);
  if (seen === undefined) throw new Error('nothing arrived');
  return seen;
};

/** What the service sees of a request with these headers. */
async function seen(...headers: string[]): Promise<IncomingHttpHeaders> {
  await sendRaw(gateway.port, rawRequest('GET /api/users/1 HTTP/1.1', ...headers));
  return last().headers;
}

describe('towards the service', () => {
  test('the client’s own headers go as they are', async () => {
    const headers = await seen(
      'Accept: text/html',
      'Cookie: a=b',
      'If-None-Match: "x"',
      'X-Custom: 1',
      'Range: bytes=0-1',
    );
    expect(headers).toMatchObject({
      accept: 'text/html',
      cookie: 'a=b',
      'if-none-match': '"x"',
      'x-custom': '1',
      range: 'bytes=0-1',
    });
  });

  test.each([
    'X-User-Id: admin',
    'X-User-Roles: admin',
    'X_User_Id: admin',
    'X-Consumer-Username: admin',
    'X-Consumer-Id: admin',
    'X-Consumer-Custom-Id: admin',
    'X-Credential-Identifier: admin',
    'X-Anonymous-Consumer: true',
    'X-Real-IP: 10.0.0.1',
    'Forwarded: for=10.0.0.1',
    'X-Forwarded-User: admin',
    'X-Forwarded-Prefix: /evil',
    'X-Forwarded-Host: evil.test',
    'X-Forwarded-Proto: https',
    'X-Forwarded-For: 10.0.0.1',
    'Proxy-Authorization: Basic YTpi',
    'Proxy-Connection: close',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Upgrade: websocket',
    'Expect: 100-continue',
  ])('“%s” of a stranger does not get through', async (header) => {
    const value = header.slice(header.indexOf(':') + 2);
    expect(Object.values(await seen(header)).flat()).not.toContain(value);
  });

  test('what Connection names stays behind', async () => {
    await sendRaw(
      gateway.port,
      'GET /api/users/1 HTTP/1.1\r\nHost: x\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nX-Open: 2\r\n\r\n',
    );
    expect(last().headers).toMatchObject({ 'x-open': '2' });
    expect(last().headers).not.toHaveProperty('x-secret');
  });

  test('Connection cannot take away the length of a body', async () => {
    await sendRaw(
      gateway.port,
      'GET /api/users/1 HTTP/1.1\r\nHost: x\r\nConnection: close, Content-Length\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(last().headers['content-length']).toBe('4');
  });

  test('nor what the gateway says itself', async () => {
    await sendRaw(
      gateway.port,
      'GET /api/users/1 HTTP/1.1\r\nHost: x\r\nConnection: close, X-Forwarded-For, X-Request-Id, Via\r\n\r\n',
    );
    expect(last().headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-request-id': expect.any(String),
    });
  });

  test('nor who asks, and by what: the service sees the user and the token that the gateway has checked', async () => {
    const token = signer.token();
    const named = 'close, Authorization, Cookie, X-User-Id, X-Forwarded-For, Host, Origin';
    await sendRaw(
      gateway.port,
      [
        'GET /api/users/1 HTTP/1.1',
        'Host: x',
        `Connection: ${named}`,
        'Connection: authorization',
        `Authorization: Bearer ${token}`,
        'Cookie: a=b',
        'X-User-Id: admin',
        '\r\n',
      ].join('\r\n'),
    );
    expect(last().headers).toMatchObject({
      authorization: `Bearer ${token}`,
      cookie: 'a=b',
      'x-user-id': 'u1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'x',
    });
  });

  test('the gateway says who asked for what', async () => {
    expect(await seen()).toMatchObject({
      host: `127.0.0.1:${users.port}`,
      via: '1.1 plaza-gateway',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'gateway.test',
      'x-forwarded-port': '80',
      'x-forwarded-prefix': '/api/users',
      'x-forwarded-proto': 'http',
    });
  });

  test('an id of the request that makes sense is passed on, and answered', async () => {
    const response = await request(gateway.url).get('/api/users/1').set('X-Request-Id', 'mine-1');
    expect([last().headers['x-request-id'], response.get('X-Request-Id')]).toEqual(['mine-1', 'mine-1']);
  });

  test('another is replaced', async () => {
    const response = await request(gateway.url).get('/api/users/1').set('X-Request-Id', 'a b');
    expect(last().headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    expect(response.get('X-Request-Id')).toBe(last().headers['x-request-id']);
  });
});

describe('behind proxies of ours', () => {
  test.each([
    ['0', '10.0.0.1, 10.0.0.2', '127.0.0.1', 'http', 'gateway.test'],
    ['1', '10.0.0.1, 10.0.0.2', '10.0.0.2, 127.0.0.1', 'https', 'shop.test'],
    ['2', '10.0.0.1, 10.0.0.2', '10.0.0.1, 10.0.0.2, 127.0.0.1', 'https', 'shop.test'],
    ['2', '10.0.0.0, 10.0.0.1, 10.0.0.2', '10.0.0.1, 10.0.0.2, 127.0.0.1', 'https', 'shop.test'],
  ])('%s of them are believed of “%s”', async (trusted, told, passed, proto, host) => {
    const own = await startGateway({ USERS_SERVICE_URL: users.url, TRUSTED_PROXIES: trusted });
    await sendRaw(
      own.port,
      rawRequest(
        'GET /api/users/1 HTTP/1.1',
        `X-Forwarded-For: ${told}`,
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: shop.test',
      ),
    );
    expect(last().headers).toMatchObject({
      'x-forwarded-for': passed,
      'x-forwarded-proto': proto,
      'x-forwarded-host': host,
    });
    await own.stop();
  });
});

describe('towards the client', () => {
  async function answerOf(headers: [string, string][], through = gateway) {
    users.server.removeAllListeners('request');
    users.server.on('request', (_request, response) => {
      for (const [name, value] of headers) response.appendHeader(name, value);
      response.end('body');
    });
    return sendRaw(through.port, rawRequest('GET /api/users/1 HTTP/1.1', 'Origin: https://shop.test'));
  }

  test('headers come as the service spelled and repeated them', async () => {
    const { head } = await answerOf([
      ['X-Mixed-Case', 'Value'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Type', 'text/x-odd'],
    ]);
    expect(head).toContain('X-Mixed-Case: Value');
    expect(head).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2');
    expect(head).toContain('Content-Type: text/x-odd');
  });

  test('hop-by-hop headers and those that Connection names stay behind', async () => {
    const { head } = await answerOf([
      ['Connection', 'X-Hop, close'],
      ['X-Hop', '1'],
      ['Proxy-Authenticate', 'Basic'],
    ]);
    expect(head).not.toMatch(/x-hop|proxy-authenticate/i);
  });

  test('Vary grows, and the gateway’s word on origins counts', async () => {
    const own = await startGateway({ USERS_SERVICE_URL: users.url, CORS_ORIGINS: 'https://shop.test' });
    const { head } = await answerOf(
      [
        ['Vary', 'Accept-Encoding'],
        ['Access-Control-Allow-Origin', '*'],
      ],
      own,
    );
    expect(head.match(/^Vary: .*$/gm)?.toSorted()).toEqual(['Vary: Accept-Encoding', 'Vary: Origin']);
    expect(head.match(/^Access-Control-Allow-Origin: .*$/gm)).toEqual([
      'Access-Control-Allow-Origin: https://shop.test',
    ]);
    await own.stop();
  });

  test('nothing of the gateway’s own pages’ protection is added', async () => {
    const { head } = await answerOf([]);
    expect(head).not.toMatch(/content-security-policy|x-powered-by/i);
  });
});
