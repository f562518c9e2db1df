import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startRedis, testRedis } from '@plaza/local-stack/testing';
import request from 'supertest';
import { rawRequest, sendRaw } from '../raw.ts';
import type { Gateway, Upstream } from '../test-gateway.ts';
import { mistakesIn, openStage, type More } from './stage.ts';

const stage = openStage();

type Answering = (response: ServerResponse, request: IncomingMessage) => void;

/** A service that numbers its answers. */
async function counting(answering: Answering = () => undefined) {
  let answers = 0;
  return stage.upstream((incoming, response) => {
    answers += 1;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('X-Number', String(answers));
    answering(response, incoming);
    if (!response.writableEnded) response.end(JSON.stringify({ answers, url: incoming.url }));
  });
}

const cached = async (config: object, answering?: Answering, more?: More) => {
  const upstream = await counting(answering);
  const entry = { name: 'proxy-cache', config: { strategy: 'memory', ...config } };
  return { upstream, gateway: await stage.gateway(upstream, [entry], more) };
};

const get = ({ url }: Gateway, path = '/api', headers: Record<string, string> = {}) =>
  request(url).get(path).set(headers);
const statusOf = (response: { headers: Record<string, string> }) => response.headers['x-cache-status'];

/** Statuses of the cache for calls one after the other. */
async function statuses(
  gateway: Gateway,
  ...calls: (readonly [path?: string | undefined, headers?: Record<string, string>])[]
) {
  const seen: (string | undefined)[] = [];
  for (const [path, headers] of calls) seen.push(statusOf(await get(gateway, path, headers)));
  return seen;
}

describe('proxy-cache', () => {
  test('answers from memory what it has an answer for', async () => {
    const { upstream, gateway } = await cached({});
    const first = await get(gateway, '/api/x?a=1');
    const second = await get(gateway, '/api/x?a=1');
    expect([statusOf(first), statusOf(second)]).toEqual(['Miss', 'Hit']);
    expect(second.body).toEqual(first.body);
    expect(second.headers).toMatchObject({
      'x-cache': 'HIT',
      age: '0',
      'x-number': '1',
      'x-cache-key': first.headers['x-cache-key'],
      'content-type': 'application/json; charset=utf-8',
    });
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(upstream.requests).toHaveLength(1);
  });

  test('tells apart paths, arguments in whatever order, methods and routes', async () => {
    const { gateway } = await cached({}, undefined, { routes: [{ name: 'second', paths: ['/second'] }] });
    expect(
      await statuses(
        gateway,
        ['/api?a=1&b=2'],
        ['/api?b=2&a=1'],
        ['/api?a=2'],
        ['/api/x'],
        ['/second?a=1&b=2'],
      ),
    ).toEqual(['Miss', 'Hit', 'Miss', 'Miss', 'Miss']);
    const head = await request(gateway.url).head('/api?a=1&b=2');
    expect(statusOf(head)).toBe('Miss');
  });

  test('keeps to the arguments and headers that it is told make a difference', async () => {
    const { gateway } = await cached({
      vary_query_params: ['a'],
      vary_headers: ['X-Team'],
      ignore_uri_case: true,
    });
    const red = { 'X-Team': 'red' };
    expect(
      await statuses(
        gateway,
        ['/api/X?a=1&b=1', red],
        ['/api/x?a=1&b=2', red],
        ['/api/x?a=1', { 'X-Team': 'blue' }],
      ),
    ).toEqual(['Miss', 'Hit', 'Miss']);
  });

  test('honours Vary, for each variant', async () => {
    const { gateway } = await cached({}, (response, { headers }) => {
      response.setHeader('Vary', 'Accept-Language');
      response.end(JSON.stringify(headers['accept-language']));
    });
    const [german, french] = [{ 'Accept-Language': 'de' }, { 'Accept-Language': 'fr' }];
    expect(
      await statuses(
        gateway,
        [undefined, german],
        [undefined, french],
        [undefined, german],
        [undefined, french],
      ),
    ).toEqual(['Miss', 'Miss', 'Hit', 'Hit']);
    expect((await get(gateway, '/api', french)).body).toBe('fr');
  });

  test('keeps answers of who shows credentials to themselves, unless they are public', async () => {
    const { gateway } = await cached({}, (response, { url }) => {
      if (url === '/public') response.setHeader('Cache-Control', 'public');
    });
    const [ada, bob] = [{ Authorization: 'Bearer a' }, { Authorization: 'Bearer b' }];
    expect(await statuses(gateway, ['/api', ada], ['/api', bob], ['/api'], ['/api', ada])).toEqual([
      'Miss',
      'Miss',
      'Miss',
      'Hit',
    ]);
    expect(await statuses(gateway, ['/api/public', ada], ['/api/public', bob], ['/api/public'])).toEqual([
      'Miss',
      'Hit',
      'Hit',
    ]);
  });

  test.each<[string, Answering]>([
    ['a status that is not listed', (response) => (response.statusCode = 201)],
    ['a type that is not listed', (response) => response.setHeader('Content-Type', 'text/html')],
    ['a cookie', (response) => response.setHeader('Set-Cookie', 'a=1')],
    ['no-store', (response) => response.setHeader('Cache-Control', 'no-store')],
    ['private', (response) => response.setHeader('Cache-Control', 'private, max-age=60')],
    ['Vary: *', (response) => response.setHeader('Vary', '*')],
    ['a body that is too long', (response) => response.end(JSON.stringify('x'.repeat(2_000)))],
  ])('keeps no answer with %s', async (_name, answering) => {
    const { gateway } = await cached({ max_body_bytes: 1_000 }, answering);
    const seen = await statuses(gateway, [], [], []);
    expect(seen).not.toContain('Hit');
  });

  test.each([
    ['another method', (url: string) => request(url).post('/api')],
    ['a part', (url: string) => request(url).get('/api').set('Range', 'bytes=0-1')],
  ])('lets %s by', async (_name, ask) => {
    const { gateway } = await cached({});
    const first = await ask(gateway.url);
    expect([statusOf(first), first.headers['x-cache']]).toEqual(['Bypass', 'BYPASS']);
  });

  test('lets a request for a WebSocket by, also where it has an answer', async () => {
    const { gateway } = await cached({});
    await get(gateway);
    const { head } = await sendRaw(
      gateway.port,
      rawRequest('GET /api HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket').replace(
        'Connection: close\r\n',
        '',
      ),
    );
    expect(head).not.toMatch(/x-cache-status: hit/i);
  });

  test('answers 304 to who has the same already', async () => {
    const { gateway } = await cached({}, (response) => response.setHeader('ETag', '"1"'));
    await get(gateway);
    const { status, text, headers } = await get(gateway, '/api', { 'If-None-Match': '"1"' });
    expect([status, text, headers['etag']]).toEqual([304, '', '"1"']);
  });

  test('keeps nothing that broke off', async () => {
    const { upstream, gateway } = await cached({}, (response) => {
      response.setHeader('Content-Length', '100');
      response.write('half');
      setImmediate(() => response.destroy());
      response.end = () => response;
    });
    for (let times = 0; times < 2; times += 1) await get(gateway).catch(() => undefined);
    expect(upstream.requests.length).toBeGreaterThanOrEqual(2);
  });

  test('asks once for many who want the same at once', async () => {
    const waiting: ServerResponse[] = [];
    const upstream = await stage.upstream((_incoming, response) => void waiting.push(response));
    const gateway = await stage.gateway(upstream, [{ name: 'proxy-cache', config: { strategy: 'memory' } }]);
    const answers = Promise.all(Array.from({ length: 5 }, () => get(gateway)));
    await eventually(() => expect(waiting).toHaveLength(1));
    waiting[0]?.setHeader('Content-Type', 'text/plain').end('once');
    expect((await answers).map(({ text }) => text)).toEqual(Array(5).fill('once'));
    expect(upstream.requests).toHaveLength(1);
  });

  test('sets what is the client’s own anew', async () => {
    const upstream = await counting();
    const gateway = await stage.gateway(upstream, [
      { name: 'cors', config: { origins: ['https://a.test', 'https://b.test'] } },
      { name: 'rate-limiting', config: { hour: 10 } },
      { name: 'proxy-cache', config: { strategy: 'memory' } },
    ]);
    await get(gateway, '/api', { Origin: 'https://a.test' });
    const { headers } = await get(gateway, '/api', { Origin: 'https://b.test' });
    expect(headers).toMatchObject({
      'x-cache': 'HIT',
      'access-control-allow-origin': 'https://b.test',
      'ratelimit-remaining': '8',
    });
  });
});

describe('proxy-cache by Cache-Control', () => {
  const lasting: Answering = (response) => response.setHeader('Cache-Control', 'max-age=60');

  test('keeps what says so for as long as it says', async () => {
    const { gateway } = await cached({ cache_control: true }, (response, { url }) => {
      if (url === '/lasting') response.setHeader('Cache-Control', 'max-age=60');
      if (url === '/old') response.setHeader('Cache-Control', 'max-age=60').setHeader('Age', '60');
    });
    expect(await statuses(gateway, ['/api/lasting'], ['/api/lasting'])).toEqual(['Miss', 'Hit']);
    expect(await statuses(gateway, ['/api/old'], ['/api/old'])).toEqual(['Bypass', 'Bypass']);
    expect(await statuses(gateway, ['/api/silent'], ['/api/silent'])).toEqual(['Bypass', 'Bypass']);
  });

  test('asks anew for who wants no answer from a cache, and nobody for who wants no other', async () => {
    const { upstream, gateway } = await cached({ cache_control: true }, lasting);
    await get(gateway);
    expect(
      await statuses(
        gateway,
        ['/api', { 'Cache-Control': 'no-cache' }],
        ['/api', { 'Cache-Control': 'no-store' }],
      ),
    ).toEqual(['Refresh', 'Bypass']);
    const before = upstream.requests.length;
    expect((await get(gateway, '/api', { 'Cache-Control': 'only-if-cached' })).status).toBe(200);
    expect((await get(gateway, '/api/other', { 'Cache-Control': 'only-if-cached' })).status).toBe(504);
    expect(upstream.requests).toHaveLength(before);
  });

  test('lets no client decide where it is not asked for', async () => {
    const { gateway } = await cached({});
    expect(
      await statuses(gateway, [], ['/api', { 'Cache-Control': 'no-cache', Pragma: 'no-cache' }]),
    ).toEqual(['Miss', 'Hit']);
  });
});

describe('where a service fails', () => {
  let upstream: Upstream;
  let gateway: Gateway;
  beforeAll(async () => {
    ({ upstream, gateway } = await cached({ cache_ttl: 1, storage_ttl: 600 }, (response, { url }) => {
      if (url === '/must') response.setHeader('Cache-Control', 'must-revalidate');
    }));
    await get(gateway, '/api/x');
    await upstream.close();
  });

  test('an old answer stands in, and says so', async () => {
    await eventually(async () => {
      const { status, body, headers } = await get(gateway, '/api/x');
      expect([status, headers['x-cache-status'], headers['x-cache']]).toEqual([200, 'Stale', 'STALE']);
      expect(body).toEqual({ answers: 1, url: '/x' });
      expect(Number(headers['age'])).toBeGreaterThanOrEqual(1);
      expect(headers).not.toHaveProperty('warning');
    });
  });

  test('what was never answered is an error', async () => {
    const { status, body } = await get(gateway, '/api/never');
    expect([status, body.code]).toEqual([502, 'bad_gateway']);
  });
});

describe('proxy-cache in Redis', () => {
  const entry = { name: 'proxy-cache', config: { strategy: 'redis' } };
  const connected = async (gateway: Gateway) =>
    eventually(async () => {
      const { body } = await request(gateway.url).get('/health');
      expect(body.checks.database.redis.status).toBe('healthy');
    });

  test('answers for all gateways', async () => {
    const environment = { REDIS_URL: (await testRedis()).url };
    const upstream = await counting((response) => response.setHeader('Link', ['<a>', '<b>']));
    const [one, other] = await Promise.all([
      stage.gateway(upstream, [entry], { environment }),
      stage.gateway(upstream, [entry], { environment }),
    ]);
    await Promise.all([connected(one), connected(other)]);
    await get(one);
    await eventually(async () => {
      const { body, headers } = await get(other);
      expect([headers['x-cache-status'], headers['link'], body.answers]).toEqual(['Hit', '<a>, <b>', 1]);
    });
  });

  test('lets everything through while Redis is away', async () => {
    const redis = await startRedis();
    const gateway = await stage.gateway(await counting(), [entry], { environment: { REDIS_URL: redis.url } });
    await connected(gateway);
    await redis.kill();
    expect(await statuses(gateway, [], [])).toEqual(['Miss', 'Miss']);
  });
});

test.each([
  [{}, 'strategy: must be memory or redis'],
  [{ strategy: 'disk' }, 'strategy: must be memory or redis'],
  [
    { strategy: 'memory', request_method: ['POST'] },
    'request_method[0]: must be GET or HEAD: bodies pass unread, so they make no difference',
  ],
  [{ strategy: 'memory', cache_ttl: 0 }, 'cache_ttl: must be 1 at least'],
])('proxy-cache with %j is refused in words', (config, mistake) => {
  expect(mistakesIn('proxy-cache', config)).toEqual([`plugins[0].config.${mistake}`]);
});
