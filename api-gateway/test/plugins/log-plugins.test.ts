import type { IncomingMessage, ServerResponse } from 'node:http';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();

/** A log server that collects entries. It sends these statuses one after the other, then 200. */
async function collector(...statuses: number[]) {
  const bodies: { body: unknown; headers: Record<string, unknown> }[] = [];
  const collect = async (incoming: IncomingMessage, response: ServerResponse) => {
    bodies.push({ body: JSON.parse(await text(incoming)), headers: incoming.headers });
    response.statusCode = statuses.shift() ?? 200;
    response.end();
  };
  const upstream = await harness.upstream((incoming, response) => void collect(incoming, response));
  return { ...upstream, bodies };
}

describe('file-log', () => {
  test('writes a line of JSON for each request, without what is secret', async () => {
    const path = join(harness.folder, 'requests.log');
    const gateway = await harness.gateway(
      await harness.upstream(),
      [
        { name: 'file-log', config: { path } },
        { name: 'key-auth', config: { key_names: ['X-Team'], anonymous: 'nobody' } },
        { name: 'jwt', config: { token_required: false, uri_param_names: ['T'], anonymous: 'nobody' } },
      ],
      { consumers: [{ username: 'nobody' }] },
    );
    await request(gateway.url)
      .get('/api/a?t=secret-1&x=1&x-team=secret-5&password=secret-6')
      .set({ Authorization: 'Bearer secret-2', apikey: 'secret-3', 'X-Team': 'secret-4' });
    await request(gateway.url).get('/api/b');
    await eventually(() => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        {
          request: {
            method: 'GET',
            uri: '/api/a?t=[redacted]&x=1&x-team=[redacted]&password=[redacted]',
            headers: { authorization: '[redacted]', 'x-team': '[redacted]' },
          },
          response: { status: 200 },
          route: { name: 'api' },
          service: { name: 'echo' },
          client_ip: expect.any(String),
          latencies: { request: expect.any(Number) },
          tries: [
            {
              instanceId: expect.any(String),
              url: expect.stringMatching(/^http:/),
              weight: 1,
              version: expect.any(String),
              origin: { href: expect.stringMatching(/^http:/), protocol: 'http:', port: expect.any(Number) },
              target: '',
              fallback: false,
              underWay: expect.any(Number),
            },
          ],
        },
        { request: { uri: '/api/b' } },
      ]);
      expect(lines.join()).not.toContain('secret-');
    });
  });

  test('lets requests through where it cannot write, and says so once', async () => {
    const gateway = await harness.gateway(await harness.upstream(), [
      { name: 'file-log', config: { path: '/nowhere/requests.log' } },
    ]);
    for (let times = 0; times < 3; times += 1)
      expect((await request(gateway.url).get('/api')).status).toBe(200);
    await eventually(() => {
      const said = gateway.lines.filter(({ event }) => event === 'file_log_failed');
      expect(said).toMatchObject([{ level: 'warn', fields: { path: '/nowhere/requests.log' } }]);
    });
  });

  test('goes on once it can write, and says what is lost', async () => {
    const folder = join(harness.folder, 'later');
    const path = join(folder, 'requests.log');
    const gateway = await harness.gateway(await harness.upstream(), [{ name: 'file-log', config: { path } }]);
    const linesOf = (code: string) => gateway.lines.filter(({ event }) => event === code);
    for (const name of ['a', 'b']) {
      await request(gateway.url).get(`/api/${name}`);
      await eventually(() => expect(linesOf('file_log_failed')).toHaveLength(1));
    }
    mkdirSync(folder);
    await eventually(async () => {
      await request(gateway.url).get('/api/c');
      expect(linesOf('file_log_restored')).toMatchObject([
        { level: 'info', fields: { path, lost: expect.any(Number) } },
      ]);
    });
    expect(readFileSync(path, 'utf8')).not.toContain('/api/a');
  });

  test.each([
    [true, ['/api/a'], ['/api/b']],
    [false, ['/api/a', '/api/b'], undefined],
  ])('with reopen: %j, a file that was renamed has %j and the new one %j', async (reopen, old, fresh) => {
    const path = join(harness.folder, `rotated-${reopen}.log`);
    const gateway = await harness.gateway(await harness.upstream(), [
      { name: 'file-log', config: { path, reopen } },
    ]);
    const urisIn = (name: string) =>
      existsSync(name)
        ? readFileSync(name, 'utf8')
            .split('\n')
            .flatMap((line) => (line === '' ? [] : [JSON.parse(line).request.uri]))
        : undefined;
    await request(gateway.url).get('/api/a');
    await eventually(() => expect(urisIn(path)).toEqual(['/api/a']));
    renameSync(path, `${path}.1`);
    await request(gateway.url).get('/api/b');
    await eventually(() => expect([urisIn(`${path}.1`), urisIn(path)]).toEqual([old, fresh]));
  });

  test('has every line, in order, when the gateway has stopped', async () => {
    const path = join(harness.folder, 'many.log');
    const gateway = await harness.gateway(await harness.upstream(), [
      { name: 'file-log', config: { path, reopen: true } },
    ]);
    const uris = Array.from({ length: 20 }, (_one, number) => `/api/${number}`);
    for (const uri of uris) await request(gateway.url).get(uri);
    await gateway.stop();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).request.uri)).toEqual(uris);
  });

  test('runs no Lua', () => {
    expect(configMistakes('file-log', { path: 'a.log', custom_fields_by_lua: { a: 'return 1' } })).toEqual([
      'plugins[0].config.custom_fields_by_lua: is not supported: this gateway runs no Lua',
    ]);
  });
});

describe('http-log', () => {
  const entry = (endpoint: string, config: object = {}) => ({
    name: 'http-log',
    config: { http_endpoint: endpoint, ...config },
  });

  test('sends an entry for each request, with its own headers', async () => {
    const logs = await collector();
    const endpoint = `${logs.url.replace('http://', 'http://ada:pass@')}/logs`;
    const gateway = await harness.gateway(await harness.upstream(), [
      entry(endpoint, { headers: { 'X-Token': 't' } }),
    ]);
    await request(gateway.url).get('/api/a');
    await eventually(() => {
      expect(logs.bodies).toMatchObject([
        {
          body: { request: { uri: '/api/a' }, response: { status: 200 } },
          headers: {
            'x-token': 't',
            authorization: 'Basic YWRhOnBhc3M=',
            'content-type': 'application/json',
          },
        },
      ]);
    });
  });

  test('sends many together, and again what was not taken, in order', async () => {
    const logs = await collector(500, 503);
    const gateway = await harness.gateway(await harness.upstream(), [
      entry(logs.url, { queue: { max_batch_size: 3, max_coalescing_delay: 0.05 } }),
    ]);
    for (const path of ['1', '2', '3', '4']) await request(gateway.url).get(`/api/${path}`);
    await eventually(() => {
      const uris = logs.bodies
        .slice(2)
        .flatMap(({ body }) => body)
        .map((one) => Object(one).request.uri);
      expect(uris).toEqual(['/api/1', '/api/2', '/api/3', '/api/4']);
    });
    expect(logs.bodies[0]?.body).toEqual(logs.bodies[2]?.body);
  });

  test('holds no request up, loses what cannot be sent, and says so', async () => {
    const gateway = await harness.gateway(await harness.upstream(), [
      entry('http://127.0.0.1:1/', {
        queue: { max_entries: 2, max_retry_time: 0.1, initial_retry_delay: 0.05 },
      }),
    ]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => request(gateway.url).get('/api')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await eventually(() => {
      expect(gateway.lines.filter(({ event }) => event === 'http_log_dropped')).toMatchObject([
        { level: 'warn', fields: { plugin: 'http-log/global', entries: expect.any(Number) } },
      ]);
    });
  });

  test('sends what is left when the gateway stops', async () => {
    const logs = await collector();
    const gateway = await harness.gateway(await harness.upstream(), [
      entry(logs.url, { queue: { max_batch_size: 10, max_coalescing_delay: 3_600 } }),
    ]);
    await request(gateway.url).get('/api/last');
    await eventually(() => expect(gateway.lines.some(({ event }) => event === 'response_sent')).toBe(true));
    await gateway.stop();
    expect(logs.bodies).toMatchObject([{ body: [{ request: { uri: '/api/last' } }] }]);
  });

  test.each([
    [{ http_endpoint: 'tcp://logs' }, 'http_endpoint: must be a URL of http or https'],
    [
      { http_endpoint: 'http://logs', headers: { Host: 'x' } },
      'headers: cannot have host, content-length or content-type',
    ],
    [{ http_endpoint: 'http://logs', queue_size: 5 }, 'queue_size: is not a field any more: use queue'],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('http-log', config)).toEqual([`plugins[0].config.${mistake}`]);
  });
});
