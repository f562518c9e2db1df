import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { WebSocket, WebSocketServer } from 'ws';
import { startRawTcpServer } from './raw-tcp-server.ts';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { portOf, startGateway, startUpstream, type Gateway } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** What the service saw of those who asked for a WebSocket. */
let asked: IncomingMessage[];
let service: WebSocketServer;
let serviceUrl: string;
let gateway: Gateway;

beforeEach(async () => {
  asked = [];
  const http = createServer((_incoming, response) => response.end('plain'));
  service = new WebSocketServer({ noServer: true, handleProtocols: () => 'chat' });
  http.on('upgrade', (incoming, socket, head) => {
    asked.push(incoming);
    if (incoming.url?.endsWith('/refused') === true) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nX-Reason: no\r\n\r\nnot me');
      return;
    }
    service.handleUpgrade(incoming, socket, head, (client) => {
      client.on('message', (message, isBinary) => client.send(message, { binary: isBinary }));
      service.emit('connection', client, incoming);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(async () => {
    for (const client of service.clients) client.terminate();
    http.closeAllConnections();
    http.close();
    await once(http, 'close');
  });
  serviceUrl = `http://127.0.0.1:${portOf(http)}`;
  gateway = await before(serviceUrl);
});

async function before(usersUrl: string, environment: Record<string, string> = {}): Promise<Gateway> {
  const started = await startGateway({ USERS_SERVICE_URL: usersUrl, ...environment });
  closing.push(started.stop);
  return started;
}

async function open(path = '/api/users/live', options: object = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, 'chat', options);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

/** The response to a refused upgrade. */
async function refusal(path: string, headers: Record<string, string> = {}, through = gateway) {
  const socket = new WebSocket(`ws://127.0.0.1:${through.port}${path}`, { headers });
  socket.on('error', () => undefined);
  const [, answer]: IncomingMessage[] = await once(socket, 'unexpected-response');
  if (answer === undefined) throw new Error('no answer');
  const body = Buffer.concat(await answer.toArray()).toString();
  return { status: answer.statusCode, headers: answer.headers, body };
}

async function startBytes(connected: (socket: Socket) => void): Promise<string> {
  const { url, close } = await startRawTcpServer(connected);
  closing.push(close);
  return url;
}

describe('a WebSocket', () => {
  test('goes to the service by the same routes, and carries messages both ways', async () => {
    const socket = await open('/api/users/live?room=1');
    const large = Buffer.alloc(1_000_000, 7);
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    socket.send(large);
    expect((await once(socket, 'message'))[0]).toEqual(large);
    expect(socket.protocol).toBe('chat');
    expect(asked[0]?.url).toBe('/users/live?room=1');
    socket.terminate();
  });

  test('reaches the service with the headers of the gateway, and without those that a client may not send', async () => {
    const socket = await open('/api/users/live', {
      headers: { 'X-Request-Id': 'mine-1', 'X-User-Id': 'admin', 'X-Custom': '1' },
    });
    expect(asked[0]?.headers).toMatchObject({
      'x-request-id': 'mine-1',
      'x-custom': '1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-prefix': '/api/users',
      via: '1.1 plaza-gateway',
    });
    expect(asked[0]?.headers).not.toHaveProperty('x-user-id');
    socket.terminate();
  });

  test('that its client ends, ends at the service, and the other way round', async () => {
    const first = await open();
    const [client] = [...service.clients];
    first.close(4_000, 'enough');
    expect((await once(client ?? service, 'close'))[0]).toBe(4_000);
    const second = await open();
    for (const left of service.clients) left.close(4_001);
    expect((await once(second, 'close'))[0]).toBe(4_001);
  });

  test('that breaks off on one side ends on the other, and nothing else does', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const wish = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const joined: Socket[] = [];
    const url = await startBytes((socket) => {
      socket.once('data', () => {
        socket.write(switching);
        joined.push(socket);
      });
    });
    const own = await beforeInstances([url]);
    const client = async () => {
      const socket = connect(own.port, '127.0.0.1').on('error', () => undefined);
      socket.write(wish);
      await once(socket, 'data');
      return socket;
    };
    const [first, second] = [await client(), await client()];
    const [atFirst, atSecond] = joined;
    const ends = [once(first, 'close'), once(atSecond ?? first, 'close')];
    atFirst?.resetAndDestroy();
    second.resetAndDestroy();
    await Promise.all(ends);
    (await client()).destroy();
  });

  test('is one line in the log and one answer in the metrics', async () => {
    const socket = await open();
    socket.terminate();
    await eventually(() => {
      const line = gateway.lines.find(({ event }) => event === 'response_sent');
      expect(line?.fields).toMatchObject({ status: 101 });
    });
    const { text } = await request(gateway.url).get('/metrics');
    expect(text).toMatch(
      /gateway_upstream_requests_total\{upstream="users-service",version="",status_class="1xx".*\} 1/,
    );
  });

  test('ends when the gateway stops, which does not wait for it', async () => {
    const socket = await open();
    const closed = once(socket, 'close');
    expect(await gateway.stop()).toBe(true);
    await closed;
  });
});

/** A gateway before these instances, with so many places. */
async function beforeInstances(urls: readonly string[], concurrency?: object): Promise<Gateway> {
  const targets = urls.map((url) => ({ target: new URL(url).host }));
  const file = await createConfigFile({
    _format_version: '3.0',
    services: [{ name: 'chat', host: 'chat', routes: [{ name: 'chat', paths: ['/chat'] }] }],
    upstreams: [{ name: 'chat', targets, ...(concurrency === undefined ? {} : { concurrency }) }],
  });
  const started = await startGatewayWith(file);
  closing.push(started.stop);
  return started;
}

describe('a WebSocket, as every request', () => {
  test('is told of with the user whose token came along', async () => {
    const signer = createSigner('k1');
    const users = await startUpstream(serveJwks(signer));
    closing.push(users.close);
    gateway = await before(serviceUrl, { JWKS_URL: `${users.url}/.well-known/jwks.json` });
    const socket = await open('/api/users/live', {
      headers: { Authorization: `Bearer ${signer.token()}`, 'X-User-Id': 'admin' },
    });
    expect(asked[0]?.headers['x-user-id']).toBe('u1');
    socket.terminate();
  });

  test('goes to another instance where the first is gone', async () => {
    gateway = await beforeInstances(['http://127.0.0.1:1', serviceUrl]);
    for (let times = 0; times < 3; times += 1) {
      const socket = await open('/chat');
      socket.send('hello');
      expect(String((await once(socket, 'message'))[0])).toBe('hello');
      socket.terminate();
    }
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => 'retried' in fields)).toHaveLength(1);
    });
  });

  test('has a place for as long as it is open, and then leaves it to the next', async () => {
    gateway = await beforeInstances([serviceUrl], { limit: 1, queue: 0 });
    const first = await open('/chat');
    const { status, headers, body } = await refusal('/chat');
    expect([status, headers['retry-after'], JSON.parse(body).code]).toEqual([503, '1', 'bulkhead_full']);
    first.close();
    await eventually(async () => (await open('/chat')).terminate());
  });

  test('loses nothing of what its client sends before it is joined', async () => {
    const [heard, early] = [Promise.withResolvers<Socket>(), Promise.withResolvers<string>()];
    const url = await startBytes((socket) => {
      socket.once('data', () => {
        heard.resolve(socket);
        socket.once('data', (bytes) => early.resolve(String(bytes)));
      });
    });
    const own = await beforeInstances([url]);
    const client = connect(own.port, '127.0.0.1');
    const wish = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    client.write(wish);
    const at = await heard.promise;
    client.write('early');
    at.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(await early.promise).toBe('early');
    client.destroy();
  });

  test('is not asked for any longer once its client has gone', async () => {
    const [heard, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const url = await startBytes((socket) => {
      socket.once('data', () => {
        heard.resolve();
        socket.once('close', () => gone.resolve());
      });
    });
    const own = await beforeInstances([url]);
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/chat`).on('error', () => undefined);
    await heard.promise;
    socket.terminate();
    await gone.promise;
  });
});

describe('who is not let in gets an answer', () => {
  test('of the gateway: a token that does not hold is a 401, and nothing reaches the service', async () => {
    const { status, headers, body } = await refusal('/api/users/live', { Authorization: 'Bearer x' });
    expect([status, JSON.parse(body).code]).toEqual([401, 'unauthorized']);
    expect(headers['connection']).toBe('close');
    expect(asked).toEqual([]);
  });

  test('of the gateway: too many requests are a 429', async () => {
    const limited = await before('http://127.0.0.1:1', { RATE_LIMIT_ANONYMOUS: '1/1m' });
    // Counted by the gateway alone until it is connected to Redis.
    await eventually(async () => {
      expect((await refusal('/api/users/live', {}, limited)).status).toBe(429);
    });
  });

  test('of the gateway: a path that means two things is a 400, one without a route a 404', async () => {
    expect((await refusal('/api/users/%00')).status).toBe(400);
    expect((await refusal('/elsewhere')).status).toBe(404);
  });

  test('of the service, as it is', async () => {
    const { status, headers, body } = await refusal('/api/users/refused');
    expect([status, headers['x-reason'], body]).toEqual([403, 'no', 'not me']);
    expect(headers['x-request-id']).toBeDefined();
  });

  test('of the service, for as long as it moves', async () => {
    const url = await startBytes((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf'));
    });
    const through = await before(url, { UPSTREAM_IDLE_MS: '50' });
    await expect(refusal('/api/users/live', {}, through)).rejects.toThrow('aborted');
  });

  test.each([
    ['refuses the connection', 503, undefined],
    [
      'answers with a status that is none',
      502,
      (socket: Socket) =>
        void socket.once('data', () => socket.end('HTTP/1.1 003 No\r\nContent-Length: 0\r\n\r\n')),
    ],
    [
      'answers in an unknown transfer coding',
      502,
      (socket: Socket) =>
        void socket.once('data', () =>
          socket.end('HTTP/1.1 403 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
        ),
    ],
    ['hangs up', 502, (socket: Socket) => void socket.once('data', () => socket.destroy())],
    ['says nothing', 504, () => undefined],
  ])('in words where the service %s: %d', async (_name, status, connected) => {
    const url = connected === undefined ? 'http://127.0.0.1:1' : await startBytes(connected);
    const through = await before(url, { UPSTREAM_HEADERS_MS: '50' });
    const answer = await refusal('/api/users/live', {}, through);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({
      status,
      message: expect.stringContaining('users-service'),
    });
  });
});

describe('no tunnel', () => {
  const wish = (protocol: string) => [`Connection: close, Upgrade`, `Upgrade: ${protocol}`];

  test.each(['h2c', 'TLS/1.0', 'websocket2', 'h2c, websocket'])(
    'is there for %s: the request is answered as if it had not been asked',
    async (protocol) => {
      const answer = await sendRaw(
        gateway.port,
        rawRequest(
          'GET /api/users/1 HTTP/1.1',
          ...wish(protocol),
          'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
        ),
      );
      expect([answer.status, answer.body]).toEqual([200, 'plain']);
      expect(asked).toEqual([]);
    },
  );

  test('is there for a WebSocket with a body, or by another method', async () => {
    const withBody = [...wish('websocket'), 'Content-Length: 3'];
    const first = await sendRaw(gateway.port, `${rawRequest('GET /api/users/1 HTTP/1.1', ...withBody)}abc`);
    const second = await sendRaw(
      gateway.port,
      rawRequest('POST /api/users/1 HTTP/1.1', ...wish('websocket')),
    );
    expect([first.body, second.body]).toEqual(['plain', 'plain']);
    expect(asked).toEqual([]);
  });

  test('opens where the service refuses: what follows is no request', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const smuggled = 'GET /api/users/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(
      `GET /api/users/refused HTTP/1.1\r\nHost: x\r\n${wish('websocket').join('\r\n')}\r\n\r\n${smuggled}`,
    );
    const bytes = Buffer.concat(await socket.toArray()).toString();
    expect(bytes.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403']);
  });
});
