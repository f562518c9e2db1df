import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { eventually, startRedis, testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { rawRequest, sendRaw } from '../raw-http-client.ts';
import type { Gateway } from '../test-gateway.ts';
import { createCacheHarness, get, statuses, statusOf, type ResponseWriter } from './cache-harness.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const { cached, counting } = createCacheHarness(harness);

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

  test('tells apart under what name and by what protocol it is asked', async () => {
    const { gateway } = await cached({}, (response, { headers }) => {
      response.end(JSON.stringify([headers['x-forwarded-proto'], headers['x-forwarded-host']].join('://')));
    });
    const asked = [
      { Host: 'shop.test' },
      { Host: 'evil.test' },
      { Host: 'shop.test', 'X-Forwarded-Proto': 'https' },
    ];
    for (const headers of asked) expect(statusOf(await get(gateway, '/api', headers))).toBe('Miss');
    const bodies = asked.map(async (headers) => (await get(gateway, '/api', headers)).body);
    expect(await Promise.all(bodies)).toEqual(['http://shop.test', 'http://evil.test', 'https://shop.test']);
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

  test('serves a response to a request with credentials to the same credentials only, unless it is public', async () => {
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

  test.each<[string, ResponseWriter]>([
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
    [
      'a condition that the service must judge',
      (url: string) => request(url).get('/api').set('If-Match', '"1"'),
    ],
    ['a body', (url: string) => request(url).get('/api').send({ a: 1 })],
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

  test('answers 304 if the client has the same response', async () => {
    const { gateway } = await cached({}, (response) => response.setHeader('ETag', '"1"'));
    await get(gateway);
    const { status, text, headers } = await get(gateway, '/api', { 'If-None-Match': '"1"' });
    expect([status, text, headers['etag']]).toEqual([304, '', '"1"']);
  });

  test('answers with a length what came in chunks and with trailers', async () => {
    const { gateway } = await cached({}, (response) => {
      response.setHeader('Trailer', 'X-Sum').write('[1');
      response.addTrailers({ 'X-Sum': '1' });
      response.end(']');
    });
    await get(gateway);
    const { headers, text } = await get(gateway);
    expect([headers['x-cache'], headers['content-length'], text]).toEqual(['HIT', '3', '[1]']);
    expect(headers).not.toHaveProperty('trailer');
  });

  test('keeps no more bytes than it may, and of those what was asked for last', async () => {
    const { gateway } = await cached({ memory: { max_bytes: 16_384 } }, (response, { url }) => {
      if (url?.startsWith('/large') === true) response.setHeader('X-Large', 'x'.repeat(3_000));
    });
    const seen = await statuses(
      gateway,
      ['/api/1'],
      ['/api/large/2'],
      ['/api/1'],
      ['/api/large/3'],
      ['/api/1'],
    );
    expect(seen).toEqual(['Miss', 'Miss', 'Hit', 'Miss', 'Hit']);
    expect(await statuses(gateway, ['/api/large/2'])).toEqual(['Miss']);
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

  test('sends one upstream request for many equal requests at once', async () => {
    const waiting: ServerResponse[] = [];
    const upstream = await harness.upstream((_incoming, response) => void waiting.push(response));
    const gateway = await harness.gateway(upstream, [
      { name: 'proxy-cache', config: { strategy: 'memory' } },
    ]);
    const answers = Promise.all(Array.from({ length: 5 }, () => get(gateway)));
    await eventually(() => expect(waiting).toHaveLength(1));
    waiting[0]?.setHeader('Content-Type', 'text/plain').end('once');
    expect((await answers).map(({ text }) => text)).toEqual(Array(5).fill('once'));
    expect(upstream.requests).toHaveLength(1);
  });

  test('sets what is the client’s own anew', async () => {
    const upstream = await counting();
    const gateway = await harness.gateway(upstream, [
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
  const lasting: ResponseWriter = (response) => response.setHeader('Cache-Control', 'max-age=60');

  test('keeps what says so for as long as it says', async () => {
    const { gateway } = await cached({ cache_control: true }, (response, { url }) => {
      if (url === '/lasting') response.setHeader('Cache-Control', 'max-age=60');
      if (url === '/old') response.setHeader('Cache-Control', 'max-age=60').setHeader('Age', '60');
    });
    expect(await statuses(gateway, ['/api/lasting'], ['/api/lasting'])).toEqual(['Miss', 'Hit']);
    expect(await statuses(gateway, ['/api/old'], ['/api/old'])).toEqual(['Bypass', 'Bypass']);
    expect(await statuses(gateway, ['/api/silent'], ['/api/silent'])).toEqual(['Bypass', 'Bypass']);
  });

  test('honours no-cache and only-if-cached of the client', async () => {
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

  test('answers what must be asked for anew later from memory until then', async () => {
    const { gateway } = await cached({ cache_control: true }, (response, { url = '' }) =>
      response.setHeader('Cache-Control', `max-age=60, ${url.slice(1)}`),
    );
    for (const path of ['/api/must-revalidate', '/api/proxy-revalidate'])
      expect(await statuses(gateway, [path], [path])).toEqual(['Miss', 'Hit']);
  });

  test('lets no client decide where it is not asked for', async () => {
    const { gateway } = await cached({});
    expect(
      await statuses(gateway, [], ['/api', { 'Cache-Control': 'no-cache', Pragma: 'no-cache' }]),
    ).toEqual(['Miss', 'Hit']);
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
      harness.gateway(upstream, [entry], { environment }),
      harness.gateway(upstream, [entry], { environment }),
    ]);
    await Promise.all([connected(one), connected(other)]);
    const shop = { Host: 'shop.test' };
    await get(one, '/api', shop);
    await eventually(async () => {
      const { body, headers } = await get(other, '/api', shop);
      expect([headers['x-cache-status'], headers['link'], body.answers]).toEqual(['Hit', '<a>, <b>', 1]);
    });
  });

  test('takes for none what it cannot read', async () => {
    const { url } = await testRedis();
    const gateway = await harness.gateway(await counting(), [entry], { environment: { REDIS_URL: url } });
    await connected(gateway);
    const redis = new Redis(url);
    await get(gateway);
    for (const garbled of ['', 'no JSON\n', '{}\n', '{"status":200,"headers":[],"policy":{"v":2}}\nbody']) {
      await eventually(async () => expect(await redis.keys('gateway:cache:*')).toHaveLength(1));
      const [key = ''] = await redis.keys('gateway:cache:*');
      await redis.set(key, garbled);
      expect([garbled, statusOf(await get(gateway))]).toEqual([garbled, 'Miss']);
    }
    redis.disconnect();
    expect(gateway.lines.filter(({ event }) => event === 'cache_store_failed')).toEqual([]);
  });

  test('lets everything through while Redis is away', async () => {
    const redis = await startRedis();
    const gateway = await harness.gateway(await counting(), [entry], {
      environment: { REDIS_URL: redis.url },
    });
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
    'request_method[0]: must be GET or HEAD: request bodies are not part of the cache key',
  ],
  [{ strategy: 'memory', cache_ttl: 0 }, 'cache_ttl: must be 1 at least'],
])('proxy-cache with %j is refused in words', (config, mistake) => {
  expect(configMistakes('proxy-cache', config)).toEqual([`plugins[0].config.${mistake}`]);
});
