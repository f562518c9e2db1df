import http, { type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { startRawTcpServer } from './raw-tcp-server.ts';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import { startUnresponsiveServer } from './unresponsive-server.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function target(name: string, answer?: RequestListener): Promise<TestUpstream & { at: string }> {
  const upstream = await startUpstream(answer ?? ((_request, response) => response.end(name)));
  closing.push(upstream.close);
  return { ...upstream, at: `127.0.0.1:${upstream.port}` };
}

/** A gateway before one service, `shop`, with these fields, and one upstream behind it. */
async function before(upstream: object, service: object = {}, route: object = {}): Promise<Gateway> {
  const file = await createConfigFile({
    _format_version: '3.0',
    services: [
      { name: 'shop', host: 'shop', ...service, routes: [{ name: 'shop', paths: ['/shop'], ...route }] },
    ],
    upstreams: [{ name: 'shop', ...upstream }],
  });
  const gateway = await startGatewayWith(file);
  closing.push(gateway.stop);
  return gateway;
}

async function counted(times: number, ask: () => request.Test): Promise<Record<string, number>> {
  const texts: string[] = [];
  for (let time = 0; time < times; time += 1) texts.push((await ask()).text);
  return Object.fromEntries([...Map.groupBy(texts, String)].map(([text, all]) => [text, all.length]));
}

describe('targets share the traffic', () => {
  test('by their weights', async () => {
    const [a, b] = [await target('a'), await target('b')];
    const targets = [
      { target: a.at, weight: 90 },
      { target: b.at, weight: 10 },
    ];
    const gateway = await before({ targets });
    expect(await counted(50, () => request(gateway.url).get('/shop'))).toEqual({ a: 45, b: 5 });
  });

  test('and a client that a cookie is hashed on gets that cookie, and stays where it is', async () => {
    const [a, b] = [await target('a'), await target('b')];
    const gateway = await before({
      algorithm: 'consistent-hashing',
      hash_on: 'cookie',
      hash_on_cookie: 'shop-target',
      targets: [{ target: a.at }, { target: b.at }],
    });
    const seen = new Set<string>();
    for (let client = 0; client < 20; client += 1) {
      const first = await request(gateway.url).get('/shop');
      const [cookie = ''] = first.get('Set-Cookie') ?? [];
      expect(cookie).toMatch(/^shop-target=[\da-f-]{36}; Path=\/; HttpOnly$/);
      const again = () => request(gateway.url).get('/shop').set('Cookie', cookie.split(';', 1));
      expect(await counted(3, again)).toEqual({ [first.text]: 3 });
      expect((await again()).get('Set-Cookie')).toBeUndefined();
      seen.add(first.text);
    }
    expect(seen).toEqual(new Set(['a', 'b']));
  });

  test('and a header that is hashed on decides who gets a request', async () => {
    const [a, b] = [await target('a'), await target('b')];
    const gateway = await before({
      algorithm: 'consistent-hashing',
      hash_on: 'header',
      hash_on_header: 'X-Tenant',
      targets: [{ target: a.at }, { target: b.at }],
    });
    const tenants = Array.from({ length: 20 }, (_none, index) => `tenant-${index}`);
    const answers = await Promise.all(
      tenants.map((tenant) => counted(3, () => request(gateway.url).get('/shop').set('X-Tenant', tenant))),
    );
    expect(answers.every((texts) => Object.values(texts).length === 1)).toBe(true);
    expect(new Set(answers.flatMap((texts) => Object.keys(texts))).size).toBe(2);
  });
});

describe('the Host that a target sees', () => {
  const host = (seen: TestUpstream) => seen.requests.at(-1)?.headers.host;

  test('is its own', async () => {
    const a = await target('a');
    const gateway = await before({ targets: [{ target: a.at }] });
    await request(gateway.url).get('/shop').set('Host', 'shop.test');
    expect(host(a)).toBe(a.at);
  });

  test('is the client’s where the route preserves it', async () => {
    const a = await target('a');
    const gateway = await before({ targets: [{ target: a.at }] }, {}, { preserve_host: true });
    await request(gateway.url).get('/shop').set('Host', 'shop.test');
    expect(host(a)).toBe('shop.test');
  });

  test('is the upstream’s where that has one', async () => {
    const a = await target('a');
    const gateway = await before({ targets: [{ target: a.at }], host_header: 'inside.test' });
    await request(gateway.url).get('/shop').set('Host', 'shop.test');
    expect(host(a)).toBe('inside.test');
  });
});

describe('a service’s own timers', () => {
  test('say how long it may take to answer', async () => {
    const a = await target('a', () => undefined);
    const gateway = await before({ targets: [{ target: a.at }] }, { read_timeout: 50 });
    const { status, body } = await request(gateway.url).get('/shop');
    expect([status, body.message]).toEqual([504, 'shop did not answer in time.']);
  });

  test('and how long to pause in the middle of its answer', async () => {
    const a = await target('a', (_request, response) => void response.write('half'));
    const gateway = await before({ targets: [{ target: a.at }] }, { read_timeout: 50 });
    const answer = await fetch(`${gateway.url}/shop`);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  test('and how long to take nothing of a request', async () => {
    const { url, close } = await startRawTcpServer((socket) => void socket.pause());
    closing.push(close);
    const targets = [{ target: new URL(url).host }];
    const gateway = await before({ targets }, { write_timeout: 100 });
    const body = Buffer.alloc(32 * 1_024 * 1_024);
    const { status, message } = await fetch(`${gateway.url}/shop`, { method: 'POST', body }).then(
      async (answer) => ({ status: answer.status, ...(await answer.json()) }),
    );
    expect([status, message]).toEqual([504, 'shop did not answer in time.']);
  });

  test('and how long to take a connection', async () => {
    const unresponsive = await startUnresponsiveServer();
    closing.push(unresponsive.close);
    const gateway = await before(
      { targets: [{ target: new URL(unresponsive.url).host }] },
      { connect_timeout: 50, retries: 0 },
    );
    expect((await request(gateway.url).get('/shop')).body.message).toBe(
      'shop did not take the connection in time.',
    );
  });
});

describe('where a target breaks off before it answers, a request', () => {
  /** Counts who came, and resets. */
  async function breaking() {
    let heard = 0;
    const { url, close } = await startRawTcpServer((socket) => {
      socket.once('data', () => {
        heard += 1;
        socket.resetAndDestroy();
      });
    });
    closing.push(close);
    return { at: new URL(url).host, heard: () => heard };
  }

  /** Two requests, of which each target gets one first. */
  async function statusesOf(gateway: Gateway, method: string, body?: string): Promise<number[]> {
    const statuses: number[] = [];
    for (let time = 0; time < 2; time += 1) {
      const answer = await fetch(`${gateway.url}/shop`, { method, ...(body === undefined ? {} : { body }) });
      statuses.push(answer.status);
      await answer.text();
    }
    return statuses.toSorted((one, other) => one - other);
  }

  test.each([
    ['GET', undefined, [200, 200]],
    ['HEAD', undefined, [200, 200]],
    ['OPTIONS', undefined, [200, 200]],
    ['DELETE', undefined, [200, 200]],
    ['PUT', undefined, [200, 200]],
    ['PUT', 'body', [200, 502]],
    ['DELETE', 'body', [200, 502]],
    ['POST', undefined, [200, 502]],
    ['POST', 'body', [200, 502]],
    ['PATCH', undefined, [200, 502]],
  ])(
    'by %s with the body %j comes to %j: only what may come twice is asked again',
    async (method, body, expected) => {
      const [good, bad] = [await target('good'), await breaking()];
      const gateway = await before({ targets: [{ target: good.at }, { target: bad.at }] });
      expect(await statusesOf(gateway, method, body)).toEqual(expected);
      expect(bad.heard()).toBe(1);
    },
  );

  test('is asked of one other target and no more', async () => {
    const targets = [await breaking(), await breaking(), await breaking()];
    const gateway = await before({ targets: targets.map(({ at }) => ({ target: at })) });
    const { status, body } = await request(gateway.url).get('/shop');
    expect([status, body.message]).toEqual([502, 'shop broke off before it answered.']);
    expect(targets.filter(({ heard }) => heard() === 1)).toHaveLength(2);
    expect(targets.filter(({ heard }) => heard() === 0)).toHaveLength(1);
  });

  test('is not retried where the service has no retries', async () => {
    const [good, bad] = [await target('good'), await breaking()];
    const gateway = await before({ targets: [{ target: good.at }, { target: bad.at }] }, { retries: 0 });
    expect(await statusesOf(gateway, 'GET')).toEqual([200, 502]);
  });
});

describe('a service that is slow', () => {
  test('has so many places and a queue; who finds both full is sent away, and others are served', async () => {
    const waiting: (() => void)[] = [];
    const slow = await target(
      'slow',
      (_request, response) => void waiting.push(() => response.end('at last')),
    );
    const quick = await target('quick');
    const file = await createConfigFile({
      _format_version: '3.0',
      services: [
        { name: 'slow', host: 'slow', routes: [{ name: 'slow', paths: ['/slow'] }] },
        { name: 'quick', host: 'quick', routes: [{ name: 'quick', paths: ['/quick'] }] },
      ],
      upstreams: [
        { name: 'slow', targets: [{ target: slow.at }], concurrency: { limit: 2, queue: 1 } },
        { name: 'quick', targets: [{ target: quick.at }] },
      ],
    });
    const gateway = await startGatewayWith(file);
    closing.push(gateway.stop);
    const accepted = [1, 2, 3].map(async () => request(gateway.url).get('/slow'));
    await eventually(async () => {
      const { text } = await request(gateway.url).get('/metrics');
      expect(/bulkhead_queued\{name="slow".*\} 1\n/.test(text)).toBe(true);
    });
    const refused = await request(gateway.url).get('/slow');
    expect([refused.status, refused.body.code, refused.get('Retry-After')]).toEqual([
      503,
      'bulkhead_full',
      '1',
    ]);
    expect(refused.body.message).toBe('2 calls to slow are under way and 1 wait.');
    expect((await request(gateway.url).get('/quick')).text).toBe('quick');
    await eventually(() => {
      for (const answer of waiting.splice(0)) answer();
      expect(slow.requests).toHaveLength(3);
    }, 900);
    for (const answer of waiting.splice(0)) answer();
    const answers = await Promise.all(accepted);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('has the place of a client that has gone free for the next, whether it had one or waited', async () => {
    const waiting: (() => void)[] = [];
    const slow = await target('slow', (_request, response) => void waiting.push(() => response.end('slow')));
    const gateway = await before({ targets: [{ target: slow.at }], concurrency: { limit: 1, queue: 1 } });
    const gauge = async (name: string) => {
      const { text } = await request(gateway.url).get('/metrics');
      return Number(new RegExp(`bulkhead_${name}\\{name="shop".*\\} (\\d+)\n`).exec(text)?.[1]);
    };
    const client = () => http.get(`${gateway.url}/shop`).on('error', () => undefined);
    const [first, second] = [client(), client()];
    await eventually(async () => expect([await gauge('active'), await gauge('queued')]).toEqual([1, 1]));
    second.destroy();
    await eventually(() => {
      expect(gateway.lines.filter(({ fields }) => fields['status'] === 499)).toHaveLength(1);
    });
    first.destroy();
    await eventually(async () => expect([await gauge('active'), await gauge('queued')]).toEqual([0, 0]));
    expect(slow.requests).toHaveLength(1);
  });

  test('sends those away who have waited for a place for a second, in words', async () => {
    const slow = await target('slow', () => undefined);
    const gateway = await before({ targets: [{ target: slow.at }], concurrency: { limit: 1, queue: 1 } });
    const held = http.get(`${gateway.url}/shop`).on('error', () => undefined);
    await eventually(() => expect(slow.requests).toHaveLength(1));
    const { status, body, headers } = await request(gateway.url).get('/shop');
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'bulkhead_full', '1']);
    expect(body.message).toBe('shop had no place for one more call within 1000 ms.');
    held.destroy();
  });
});
