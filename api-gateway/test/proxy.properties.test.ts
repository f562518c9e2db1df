import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { sendRaw } from './raw-http-client.ts';
import { portOf, startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const RUNS = 10_000;
/** On a machine that has much else to do. */
const PATIENCE_MS = 180_000;
const signer = createSigner('k1');

/** Text that the wire can carry, with a preference for characters that have a meaning in HTTP. */
const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2f',
    '%5C',
    '%00',
    '%',
    '%zz',
    '\\',
    ';',
    '//',
    '?',
    '#',
    '%c3%a9',
    '%ff',
    ' ',
    '',
  ),
  fc.string({
    maxLength: 8,
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
  }),
  fc.constantFrom('api', 'users', 'auth', 'posts', 'docs', 'health', '42'),
);

const path = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('/api/users/', '/api/auth/') },
      { weight: 1, arbitrary: fc.constantFrom('/', '/api/posts', '//', 'http://x/', '*') },
    ),
    fc.array(piece, { maxLength: 2 }),
  )
  .map(([start, pieces]) => start + pieces.join('/'));

const header = fc.oneof(
  fc.constantFrom(
    'Connection: upgrade, x-request-id, host',
    'Upgrade: websocket',
    'Content-Length: 3',
    'Content-Length: x',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: identity',
    'Expect: 100-continue',
    'Expect: tea',
    'Host: other',
    'Origin: null',
    'Access-Control-Request-Method: GET',
    'X-Forwarded-For: ,,,',
    'X-Request-Id: \u00e9',
    'TE: trailers',
    'Range: bytes=5-1',
    'Authorization: Bearer',
    `Authorization: Bearer ${signer.token()}`,
    `Authorization: Bearer ${signer.token({ sub: 'caf\u00e9\n' })}`,
  ),
  fc
    .tuple(fc.constantFrom('X-A', 'Cookie', 'Authorization', 'X-Forwarded-Host'), piece)
    .map((pair) => pair.join(': ')),
);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

const request = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
      { weight: 1, arbitrary: fc.constantFrom('TRACE', 'CONNECT', 'BREW', '') },
    ),
    path,
    version: fc.oneof(
      { weight: 8, arbitrary: fc.constant('1.1') },
      { weight: 1, arbitrary: fc.constantFrom('1.0', '2.0', '0.9') },
    ),
    headers: fc.array(header, { maxLength: 2 }),
    body: fc.constantFrom('', 'abc', '3\r\nabc\r\n0\r\n\r\n', '0\r\nX: y\r\n\r\n', '\r\n\r\n'),
  })
  .map(({ method, path: target, version, headers, body }) =>
    [`${method} ${target} HTTP/${version}`, 'Host: x', 'Connection: close', ...headers, '', body].join(
      '\r\n',
    ),
  );

/** What a service may come up with. */
const answer = fc
  .record({
    start: fc.constantFrom('HTTP/1.1 ', 'HTTP/1.0 ', 'HTTP/2 ', 'ICY ', ''),
    status: fc.oneof(fc.integer({ min: 0, max: 1_100 }), fc.constantFrom(100, 101, 103, 200, 204, 304)),
    headers: fc.array(
      fc.oneof(
        fc.constantFrom(
          'Content-Length: 3',
          'Content-Length: 99',
          'Transfer-Encoding: chunked',
          'Trailer: X-A',
          'Connection: close, content-length, x-a',
          'Upgrade: x',
          'Date: never',
          'Vary: *',
          'Set-Cookie: \u00ff',
          'X-Request-Id: theirs',
          'Keep-Alive: timeout=0',
        ),
        piece.map((value) => `X-A: ${value}`),
      ),
      { maxLength: 5 },
    ),
    body: fc.constantFrom('', 'abc', '3\r\nabc\r\n0\r\nX-A: b\r\n\r\n', 'zz\r\n'),
  })
  .map(({ start, status, headers, body }) =>
    [`${start}${String(status).padStart(3, '0')} Reason`, ...headers, '', body].join('\r\n'),
  );

describe('whatever a client sends', () => {
  let users: TestUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    users = await startUpstream(serveJwks(signer));
    // What promises a body and sends none is waited for: not long.
    gateway = await startGateway({
      USERS_SERVICE_URL: users.url,
      UPSTREAM_IDLE_MS: '20',
      REQUEST_TIMEOUT_MS: '1000',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await users.close();
  });

  test(
    'the gateway never answers that something broke',
    async () => {
      await fc.assert(
        fc.asyncProperty(request, async (bytes) => {
          const { status } = await sendRaw(gateway.port, bytes);
          expect(status).not.toBe(500);
        }),
        { numRuns: RUNS },
      );
      expect(gateway.lines.filter(({ fields }) => fields['code'] === 'internal_error')).toEqual([]);
    },
    PATIENCE_MS,
  );

  test('nothing reaches a service but normalised paths of its own', () => {
    expect(users.requests.length).toBeGreaterThan(10);
    for (const { url = '' } of users.requests) {
      const [seen = ''] = url.split('?');
      expect(seen).toMatch(/^\/(users|auth|\.well-known)/);
      expect(seen).not.toMatch(/\/\.{1,2}(\/|;|$)|\/\/|%2f|%5c|%00|\\/i);
    }
  });
});

const wishes = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST') },
  { weight: 1, arbitrary: fc.constant('GET for a WebSocket') },
);

/** With a connection that ends after the answer. */
function asking(wish: string): string {
  const [method = ''] = wish.split(' ');
  const how = wish.endsWith('WebSocket')
    ? 'Connection: close, Upgrade\r\nUpgrade: websocket'
    : 'Connection: close\r\nContent-Length: 0';
  return `${method} /api/users/1 HTTP/1.1\r\nHost: x\r\n${how}\r\n\r\n`;
}

describe('whatever a service answers', () => {
  let bytes = '';
  let server: Server;
  let gateway: Gateway;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(bytes, 'latin1'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    gateway = await startGateway({
      USERS_SERVICE_URL: `http://127.0.0.1:${portOf(server)}`,
      // Each answer is to be heard, however bad the last ones were.
      CIRCUIT_FAILURES: '1000000',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    server.close();
    await once(server, 'close');
  });

  test(
    'the client gets that, or a 502, or where it breaks off an end; and the gateway goes on',
    async () => {
      await fc.assert(
        fc.asyncProperty(answer, wishes, async (made, wish) => {
          bytes = made;
          const given = Number(/^\S* ?(\d{3})/.exec(made)?.[1]);
          const { status } = await sendRaw(gateway.port, asking(wish));
          expect([given, 502, Number.NaN]).toContainEqual(status);
        }),
        { numRuns: RUNS },
      );
      expect(gateway.lines.filter(({ fields }) => fields['code'] === 'internal_error')).toEqual([]);
    },
    PATIENCE_MS,
  );
});
