import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { startRawTcpServer } from './raw-tcp-server.ts';
import { startUnresponsiveServer } from './unresponsive-server.ts';
import { startGateway, startUpstream, type Gateway } from './test-gateway.ts';

let registry: ServiceProcess;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const { url } = await testRedis();
  registry = await startService('service-registry', { REDIS_URL: url });
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

afterAll(() => registry.stop());

/** Milliseconds that an instance has for the headers of its answer. */
const HEADERS_MS = 150;
/** The same where all requests must have gone out before the first of them is given up. */
const UNHURRIED_MS = 5_000;

/** An instance as the registry believes it to be: it is well, whatever it does with requests. */
async function register(serviceUrl: string, instanceId: string): Promise<void> {
  const health = await startUpstream((_request, response) => response.end());
  const body = { serviceName: 'users-service', serviceUrl, instanceId, healthCheckUrl: health.url };
  expect((await request(registry.url).post('/register').send(body)).status).toBe(200);
  closing.push(async () => {
    await request(registry.url).delete('/unregister/users-service').query({ instanceId });
    await health.close();
  });
}

async function http(instanceId: string, answer: RequestListener): Promise<void> {
  const { url, close } = await startUpstream(answer);
  closing.push(close);
  await register(url, instanceId);
}

const good = (instanceId: string) => http(instanceId, (_request, response) => response.end(instanceId));

async function bytes(instanceId: string, connected: (socket: Socket) => void): Promise<void> {
  const { url, close } = await startRawTcpServer(connected);
  closing.push(close);
  await register(url, instanceId);
}

/** A gateway that knows so many instances. */
async function gatewayBefore(instances: number, headersMs = HEADERS_MS): Promise<Gateway> {
  const gateway = await startGateway({
    REGISTRY_URL: registry.url,
    UPSTREAM_CONNECT_MS: '150',
    UPSTREAM_HEADERS_MS: String(headersMs),
  });
  closing.push(gateway.stop);
  await eventually(async () => {
    const { text } = await request(gateway.url).get('/metrics');
    expect(
      new RegExp(`gateway_upstream_instances\\{upstream="users-service".*\\} ${instances}\n`).test(text),
    ).toBe(true);
  });
  return gateway;
}

/** How many got which status, of so many one after the other. */
async function seen(gateway: Gateway, times: number, method: 'GET' | 'POST' = 'GET') {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const call = request(gateway.url);
    const asked = method === 'GET' ? call.get('/api/users/1') : call.post('/api/users').send({ a: 1 });
    statuses.push((await asked).status);
  }
  const failed = statuses.flatMap((status, index) => (status === 200 ? [] : [index]));
  return { statuses: Object.fromEntries(countBy(statuses)), lastFailure: failed.at(-1) ?? -1 };
}

function countBy(statuses: readonly (number | string)[]): [string, number][] {
  return [...Map.groupBy(statuses, String)].map(([status, all]) => [status, all.length]);
}

/** Five in a row eject it, and every third request goes to it: after fifteen it is out. */
const OUT_AFTER = 15;

describe('of three instances', () => {
  test('one that answers 500 is seen five times, and is out after fifteen requests', async () => {
    await Promise.all([good('a'), good('b')]);
    await http('c', (_request, response) => response.writeHead(500).end('broken'));
    const gateway = await gatewayBefore(3);
    const { statuses, lastFailure } = await seen(gateway, 45);
    expect(statuses).toEqual({ 200: 40, 500: 5 });
    expect(lastFailure).toBeLessThan(OUT_AFTER);
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({
        event: 'instance_ejected',
        fields: expect.objectContaining({ instanceId: 'c' }),
      }),
    );
  });

  test('one that takes requests and hangs costs five clients a 504, and is out after fifteen requests', async () => {
    await Promise.all([good('a'), good('b')]);
    await http('c', () => undefined);
    const gateway = await gatewayBefore(3);
    const { statuses, lastFailure } = await seen(gateway, 45);
    expect(statuses).toEqual({ 200: 40, 504: 5 });
    expect(lastFailure).toBeLessThan(OUT_AFTER);
  });

  test('one that hangs fails the requests it has, however many, and no other request', async () => {
    await Promise.all([good('a'), good('b')]);
    await http('c', () => undefined);
    const gateway = await gatewayBefore(3, UNHURRIED_MS);
    const together = Array.from({ length: 60 }, () => request(gateway.url).get('/api/users/1'));
    const statuses = (await Promise.all(together)).map(({ status }) => status);
    expect(Object.fromEntries(countBy(statuses))).toEqual({ 200: 40, 504: 20 });
    expect((await seen(gateway, 15)).statuses).toEqual({ 200: 15 });
  });

  test('one that resets is nothing to clients that read, who are answered by another', async () => {
    await Promise.all([good('a'), good('b')]);
    let reached = 0;
    await bytes('c', (socket) => {
      socket.once('data', () => {
        reached += 1;
        socket.resetAndDestroy();
      });
    });
    const gateway = await gatewayBefore(3);
    expect((await seen(gateway, 45)).statuses).toEqual({ 200: 45 });
    expect(reached).toBe(5);
  });

  test('one that resets costs five writing clients a 502, since the instance may have read the request', async () => {
    await Promise.all([good('a'), good('b')]);
    await bytes('c', (socket) => void socket.once('data', () => socket.resetAndDestroy()));
    const gateway = await gatewayBefore(3);
    const { statuses, lastFailure } = await seen(gateway, 45, 'POST');
    expect(statuses).toEqual({ 200: 40, 502: 5 });
    expect(lastFailure).toBeLessThan(OUT_AFTER);
  });

  test('one that accepts no connection fails no request, and is tried five times', async () => {
    await Promise.all([good('a'), good('b')]);
    const unresponsive = await startUnresponsiveServer();
    closing.push(unresponsive.close);
    await register(unresponsive.url, 'c');
    const gateway = await gatewayBefore(3);
    expect((await seen(gateway, 45, 'POST')).statuses).toEqual({ 200: 45 });
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => 'retried' in fields)).toHaveLength(5);
    });
  });

  test('one that refuses connections fails no request, and is tried once', async () => {
    await Promise.all([good('a'), good('b')]);
    await register('http://127.0.0.1:1', 'c');
    const gateway = await gatewayBefore(3);
    expect((await seen(gateway, 45, 'POST')).statuses).toEqual({ 200: 45 });
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => 'retried' in fields)).toHaveLength(1);
    });
  });
});

describe('where all instances are bad', () => {
  test('all are still asked, and their own answers are passed on', async () => {
    const broken: RequestListener = (_request, response) => response.writeHead(500).end('broken');
    await Promise.all([http('a', broken), http('b', broken), http('c', broken)]);
    const gateway = await gatewayBefore(3);
    expect((await seen(gateway, 30)).statuses).toEqual({ 500: 30 });
    const { text } = await request(gateway.url).get('/metrics');
    expect(text).toMatch(/discovery_panic\{upstream="users-service".*\} 1/);
  });

  test('and none answers, the circuit opens after five, and clients are told so at once', async () => {
    const reset = (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy());
    await Promise.all([bytes('a', reset), bytes('b', reset), bytes('c', reset)]);
    const gateway = await gatewayBefore(3);
    expect((await seen(gateway, 10)).statuses).toEqual({ 502: 5, 503: 5 });
    const response = await request(gateway.url).get('/api/users/1');
    expect(response.body).toMatchObject({
      code: 'circuit_open',
      message: 'users-service has failed 5 times in a row and is given a rest.',
    });
    expect(response.get('Retry-After')).toBe('10');
    const { text } = await request(gateway.url).get('/metrics');
    expect(text).toMatch(/circuit_breaker_state\{name="users-service",state="OPEN".*\} 1/);
  });

  test('and all say that another service is away, they are asked on: what does not need that one is answered', async () => {
    const needy: RequestListener = (incoming, response) => {
      if (incoming.method === 'GET') response.end('mine');
      else response.writeHead(503, { 'X-Unavailable-Service': 'posts-service' }).end('posts are away');
    };
    await Promise.all([http('a', needy), http('b', needy), http('c', needy)]);
    const gateway = await gatewayBefore(3);
    for (let time = 0; time < 20; time += 1) {
      const refused = await request(gateway.url).post('/api/users');
      expect([refused.status, refused.text]).toEqual([503, 'posts are away']);
    }
    expect((await seen(gateway, 5)).statuses).toEqual({ 200: 5 });
    const { text } = await request(gateway.url).get('/metrics');
    expect(text).not.toMatch(/discovery_ejected_instances\{upstream="users-service".*\} [1-9]/);
  });

  test('and all say that they cannot serve, the circuit opens after five, and says that it is not they who speak', async () => {
    const busy: RequestListener = (_request, response) => response.writeHead(503).end('busy');
    await Promise.all([http('a', busy), http('b', busy), http('c', busy)]);
    const gateway = await gatewayBefore(3);
    const texts: string[] = [];
    for (let time = 0; time < 10; time += 1) {
      const { status, text, body } = await request(gateway.url).get('/api/users/1');
      texts.push(`${status} ${body.code ?? text}`);
    }
    expect(Object.fromEntries(countBy(texts))).toEqual({ '503 busy': 5, '503 circuit_open': 5 });
  });

  test('and one more comes, the circuit closes: it is not who failed', async () => {
    await bytes('a', (socket) => void socket.once('data', () => socket.resetAndDestroy()));
    const gateway = await gatewayBefore(1);
    await seen(gateway, 6);
    await good('b');
    await eventually(async () => {
      expect((await request(gateway.url).get('/api/users/1')).text).toBe('b');
    });
  });
});

test('retries stop where they are a fifth of the requests and more', async () => {
  await good('a');
  // In turn with the good one, it answers and resets: it is never out.
  let asked = 0;
  await bytes('b', (socket) => {
    socket.on('data', () => {
      asked += 1;
      if (asked % 4 === 0) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nb');
      else socket.resetAndDestroy();
    });
  });
  const gateway = await gatewayBefore(2);
  const { statuses } = await seen(gateway, 100);
  // Of 50 that b gets, 38 fail; 10 retries are free, and one for every five requests is allowed.
  const retried = gateway.lines.filter(({ fields }) => 'retried' in fields).length;
  expect(retried).toBeGreaterThanOrEqual(20);
  expect(retried).toBeLessThanOrEqual(30);
  expect(statuses).toEqual({ 200: 100 - (statuses['502'] ?? 0), 502: 38 - retried });
});
