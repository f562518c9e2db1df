import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendRaw, rawRequest } from './raw-http-client.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let users: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream();
  gateway = await startGateway({ USERS_SERVICE_URL: users.url });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

/** Expects a 400 in words, and that nothing of it reached the service. */
async function expectRefused(bytes: string, status = 400): Promise<string> {
  const before = users.requests.length;
  const answer = await sendRaw(gateway.port, bytes);
  expect(answer.status).toBe(status);
  expect(answer.head).toContain('application/problem+json');
  const problem = JSON.parse(answer.body);
  expect(problem).toMatchObject({ status, error: expect.any(String), message: expect.any(String) });
  expect(users.requests).toHaveLength(before);
  return problem.message;
}

describe('a path', () => {
  test.each([
    ['/api/users/..%2fadmin', 'encoded slash'],
    ['/api/users/%2F', 'encoded slash'],
    ['/api/users/%5c', 'encoded slash'],
    ['/api/users/\\', 'backslash'],
    ['/api/users/../admin', 'dot segment'],
    ['/api/users/..', 'dot segment'],
    ['/api/users/.', 'dot segment'],
    ['/api/users/./x', 'dot segment'],
    ['/api/users/%2e%2e/admin', 'dot segment'],
    ['/api/users/.%2E/admin', 'dot segment'],
    ['/api/users/..;x=1/admin', 'dot segment'],
    ['/api/users/..%3b/admin', 'dot segment'],
    ['//api/users', 'empty segment'],
    ['/api//users', 'empty segment'],
    ['/api/users//', 'empty segment'],
    ['/api/users/%00', 'control character'],
    ['/api/users/%0d%0aX-Injected:1', 'control character'],
    ['/api/users/%7f', 'control character'],
    ['/api/users/%zz', 'two hexadecimal digits'],
    ['/api/users/%', 'two hexadecimal digits'],
    ['/api/users/%ff%fe', 'UTF-8'],
    ['/api/users/%c0%af', 'UTF-8'],
    ['/api/users/<script>', 'must be encoded'],
    ['/api/users/"x"', 'must be encoded'],
    ['/api/users#fragment', 'must be encoded'],
    ['http://gateway.test/api/users', 'no forward proxy'],
    ['*', 'no forward proxy'],
  ])('%s is refused', async (path, reason) => {
    expect(await expectRefused(rawRequest(`GET ${path} HTTP/1.1`))).toContain(reason);
  });

  test.each([
    [`/api/users/${'x'.repeat(9_000)}`, '8192 characters'],
    [`/api/users?${'x'.repeat(9_000)}`, '8192 characters'],
    [`/api/users/${'x'.repeat(20_000)}`, 'longer than is read'],
  ])('%.20s… is too long: 414', async (path, reason) => {
    expect(await expectRefused(rawRequest(`GET ${path} HTTP/1.1`), 414)).toContain(reason);
  });

  test.each(['/api/users/\u0000', '/api/users/\u00e9', '/api/users/\t'])(
    'with the raw byte of %j is refused',
    async (path) => {
      await expectRefused(rawRequest(`GET ${path} HTTP/1.1`));
    },
  );

  test.each(['/docs/%2e%2e/x', '/health/..%2f', '//'])(
    '%s of the gateway’s own is refused too',
    async (path) => {
      await expectRefused(rawRequest(`GET ${path} HTTP/1.1`));
    },
  );
});

describe('headers', () => {
  test.each([
    ['two hosts', ['Host: other.test']],
    ['two types', ['Content-Type: text/plain', 'Content-Type: application/json']],
    ['two authorizations', ['Authorization: Bearer a', 'Authorization: Bearer b']],
    ['two lengths', ['Content-Length: 1', 'Content-Length: 2']],
    ['the same length twice', ['Content-Length: 0', 'Content-Length: 0']],
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['an encoding besides chunked', ['Transfer-Encoding: gzip, chunked']],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    ['an encoding that only looks like chunked', ['Transfer-Encoding: xchunked']],
    ['a length that is none', ['Content-Length: +5']],
    ['a negative length', ['Content-Length: -5']],
    ['a space before the colon', ['Content-Length : 5']],
    ['a folded line', ['X-Folded: a\r\n b']],
    ['a name with a space', ['X Y: 1']],
    ['a carriage return alone', ['X: a\rb']],
    ['a NUL', ['X: a\u0000b']],
  ])('with %s are refused', async (_name, headers) => {
    await expectRefused(rawRequest('POST /api/users HTTP/1.1', ...headers));
  });

  test.each(['a b', 'a/b', 'evil@host', 'host:port', '"', 'a,b'])(
    'with the host %j are refused',
    async (host) => {
      await expectRefused(`GET /api/users HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    },
  );

  test.each(['HTTP/1.1', 'HTTP/1.0'])('without a host are refused in %s', async (version) => {
    const { status } = await sendRaw(gateway.port, `GET /api/users ${version}\r\nConnection: close\r\n\r\n`);
    expect(status).toBe(400);
  });

  test('that are too long are a 431', async () => {
    await expectRefused(rawRequest('GET /api/users HTTP/1.1', `X-Long: ${'x'.repeat(20_000)}`), 431);
  });

  test('of HTTP/1.0 with chunks are refused', async () => {
    await expectRefused(rawRequest('POST /api/users HTTP/1.0', 'Transfer-Encoding: chunked'));
  });
});

describe('a body', () => {
  test.each([
    ['a size that is no number', 'zz\r\nab\r\n0\r\n\r\n'],
    ['a size with a sign', '+2\r\nab\r\n0\r\n\r\n'],
    ['more than its size', '1\r\nabc\r\n0\r\n\r\n'],
    ['line feeds for line ends', '2\nab\n0\n\n'],
  ])('in chunks with %s breaks the connection, and no second request comes of it', async (_name, chunks) => {
    const smuggled = rawRequest('GET /api/users/smuggled HTTP/1.1');
    const bytes = rawRequest('POST /api/users HTTP/1.1', 'Transfer-Encoding: chunked') + chunks + smuggled;
    const { status } = await sendRaw(gateway.port, bytes);
    expect([400, 502, Number.NaN]).toContainEqual(status);
    expect(users.requests.map(({ url }) => url)).not.toContain('/users/smuggled');
  });

  test.each(['GET', 'DELETE', 'POST', 'OPTIONS'])(
    'of %s stays a body behind the gateway, whether by length or in chunks',
    async (method) => {
      const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
      const length = rawRequest(`${method} /api/users HTTP/1.1`, `Content-Length: ${smuggled.length}`);
      const chunked = rawRequest(`${method} /api/users HTTP/1.1`, 'Transfer-Encoding: chunked');
      await sendRaw(gateway.port, length + smuggled);
      await sendRaw(gateway.port, `${chunked}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`);
      expect(users.requests.slice(-2).map(({ url }) => url)).toEqual(['/users', '/users']);
    },
  );
});

test('TRACE is a 405', async () => {
  await expectRefused(rawRequest('TRACE /api/users HTTP/1.1'), 405);
});
