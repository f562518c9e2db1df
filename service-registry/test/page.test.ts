import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startRedis, testRedis } from '@plaza/local-stack/testing';
import { relativeTime } from '../assets/relative-time.js';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&`;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, MOST_VIEWERS: '2' });
});
afterAll(() => registry.stop());

const page = async (query = '') => (await registry.http.get(`/${query}`).expect(200)).text;

/** Reads the events of a stream until `found` accepts one. */
async function eventsUntil(path: string, found: (event: string) => boolean, headers = {}): Promise<string[]> {
  const response = await fetch(`${registry.url}${path}`, { headers });
  if (response.body === null) throw new Error('There is no stream.');
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n').slice(0, -1);
    if (events.some(found)) return events;
  }
  throw new Error(`The stream ended after ${text}`);
}

describe('GET /', () => {
  test('shows how to register while there is no instance', async () => {
    expect(await page()).toMatch(/<div id="empty" >\s*<p>No instance is registered yet/);
  });

  test('shows all data of an instance in a table, in one document', async () => {
    const more = {
      instanceId: 'told-1',
      version: '1.2.3',
      weight: 7,
      metadata: { zone: 'eu' },
      tags: ['blue'],
    };
    await registry.register(createRegistrationBody('told', 3001, more)).expect(200);
    const text = await page('?q=told-1');
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    for (const fact of [
      'told-1',
      'http://localhost:3001',
      '1.2.3',
      '>7<',
      '<dd>eu</dd>',
      '<dd>blue</dd>',
      '0 s ago',
    ])
      expect(text).toContain(fact);
    expect(text).toMatch(/<b>told<\/b> <code>told-1<\/code> registered/);
  });

  test('shows the output of a check once', async () => {
    const Check = { CheckID: 'batch', Name: 'batch job', TTL: '60s' };
    await registry.http.put('/v1/agent/service/register').send({ Name: 'batches', Check }).expect(200);
    await registry.http.put('/v1/agent/check/warn/batch?note=the+queue+is+full').expect(200);
    await eventually(async () => {
      const [table = ''] = /<table[^]*<\/table>/.exec(await page('?q=batches')) ?? [];
      expect(table.split('the queue is full')).toHaveLength(2);
    });
  });

  test('escapes registered values', async () => {
    const metadata = { note: HOSTILE };
    await registry
      .register(createRegistrationBody('hostile', 3001, { version: HOSTILE.slice(0, 64), metadata }))
      .expect(200);
    const text = await page();
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img');
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('escapes the search text', async () => {
    const text = await page(`?q=${encodeURIComponent(`${HOSTILE} nowhere`)}`);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('No instances match “&quot;&gt;&lt;script&gt;');
  });

  test('searches name, address, version, tags, metadata and state', async () => {
    await registry.register(
      createRegistrationBody('found', 3001, { version: '9.9.1', metadata: { zone: 'eu' } }),
    );
    await registry.register(createRegistrationBody('found', 3002, { state: 'draining', tags: ['blue'] }));
    const ids = async (query: string) =>
      [...(await page(`?q=${encodeURIComponent(query)}`)).matchAll(/data-key="found\/(.*?)"/g)].map(
        ([, id]) => id,
      );
    expect(await ids('found')).toEqual(['localhost:3001', 'localhost:3002']);
    expect(await ids('FOUND zone=eu')).toEqual(['localhost:3001']);
    expect(await ids('9.9.1')).toEqual(['localhost:3001']);
    expect(await ids('found state:draining')).toEqual(['localhost:3002']);
    expect(await ids('found blue state:up')).toEqual([]);
    expect(await page('?q=found+state%3Aup')).toContain('2 instances: 1 up, 1 draining');
  });

  test('accepts any query', async () => {
    for (const query of ['?q=a&q=b', '?q[x]=1', `?q=${'x'.repeat(5_000)}`, '?unknown=1', '?q=%00', '?q=(.*'])
      await registry.http.get(`/${query}`).expect(200);
  });

  test('reloads without JavaScript, until that is stopped', async () => {
    expect(await page()).toContain('<noscript><meta http-equiv="refresh" content="10" /></noscript>');
    expect(await page('?q=told&reload=off')).not.toContain('http-equiv="refresh"');
  });

  test('allows only its own files by its policy, and is not cached', async () => {
    const response = await registry.http
      .get('/?q=nobody')
      .expect(200)
      .expect('Content-Type', /^text\/html; charset=utf-8$/);
    expect(response.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'");
    expect(response.get('Content-Security-Policy')).not.toMatch(/unsafe|\*|https?:/);
    expect(response.get('Cache-Control')).toBe('no-store');
    expect(response.text).not.toMatch(/ on\w+=|<style|style=|<script>/);
  });

  test('its files have types, and are cached for ever under a path that changes with them', async () => {
    const types = { 'page.css': 'text/css', 'page.js': 'text/javascript', 'icon.svg': 'image/svg+xml' };
    const text = await page();
    for (const [name, type] of Object.entries(types)) {
      const url = new RegExp(`"(page/[\\w-]{12}/${name})"`).exec(text)?.[1];
      const response = await registry.http.get(`/${url}`).expect(200);
      expect(response.get('Content-Type')).toContain(type);
      expect(response.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    }
    await registry.http.get('/page/AAAAAAAAAAAA/page.js').expect(404);
    await registry.http.get('/page/..%2f..%2fpackage.json').expect(404);
  });
});

test.each([
  [-1_000, '0 s ago'],
  [119_999, '119 s ago'],
  [120_000, '2 min ago'],
  [7_199_999, '119 min ago'],
  [7_200_000, '2 h ago'],
  [172_800_000, '2 days ago'],
])('%d ms are shown as %s: never as one unit, which could be nearly two', (milliseconds, words) => {
  expect(relativeTime(milliseconds)).toBe(words);
});

describe('GET /page/events', () => {
  test('begins with the whole page and continues with changes', async () => {
    const events = eventsUntil('/page/events', (event) => event.includes('"gone":["coming/localhost:3001"]'));
    await registry.register(createRegistrationBody('coming', 3001)).expect(200);
    await eventually(async () => expect(await page()).toContain('coming/localhost:3001'));
    await registry.http.delete('/unregister/coming').expect(200);
    const [retry, first] = await events;
    expect(retry).toMatch(/^retry: \d+$/);
    expect(first).toMatch(/^id: .+\nevent: whole\ndata: \{/);
  });

  test('continues from the version of a page, and of a broken stream', async () => {
    const version = /data-version="(.*?)"/.exec(await page())?.[1] ?? '';
    await registry.register(createRegistrationBody('later', 3001)).expect(200);
    const isNews = (event: string) => event.includes('"key":"later/localhost:3001"');
    const byQuery = await eventsUntil(`/page/events?after=${version}`, isNews);
    const byHeader = await eventsUntil('/page/events?after=other.1', isNews, { 'Last-Event-ID': version });
    expect([...byQuery, ...byHeader].join()).not.toContain('event: whole');
  });

  test('begins with the whole page after an unknown version', async () => {
    const whole = (event: string) => event.includes('event: whole');
    await eventsUntil('/page/events?after=another.1', whole);
    await eventsUntil('/page/events', whole, { 'Last-Event-ID': 'nonsense' });
  });

  test('limits the number of viewers', async () => {
    const gone = new AbortController();
    const watch = () => fetch(`${registry.url}/page/events`, { signal: gone.signal });
    await eventually(async () => {
      const [one, other] = await Promise.all([watch(), watch()]);
      expect([one.status, other.status]).toEqual([200, 200]);
    });
    const third = await registry.http.get('/page/events').expect(503);
    expect(third.body).toMatchObject({ code: 'too_many_viewers' });
    expect(third.get('Retry-After')).toBeDefined();
    gone.abort();
    await eventually(() => eventsUntil('/page/events', (event) => event.includes('whole')));
  });
});

test('while Redis is away the page shows the age of its data, or that it never had any', async () => {
  const redis = await startRedis();
  const alone = await startRegistry({ REDIS_URL: redis.url });
  await alone.register(createRegistrationBody('kept', 3001)).expect(200);
  await redis.stop();
  await eventually(async () => {
    const { text } = await alone.http.get('/').expect(200);
    expect(text).toMatch(/<strong>Redis is away\.<\/strong> This list was last read <time [^>]*>\d+ s ago</);
    expect(text).toContain('data-key="kept/localhost:3001"');
  });
  const blind = await startRegistry({ REDIS_URL: redis.url }, { until: 'live' });
  const { text } = await blind.http.get('/').expect(503);
  expect(text).toContain('No data yet');
  expect(text).toMatch(/id="empty" hidden/);
  await Promise.all([alone.stop(), blind.stop()]);
  await redis.stop();
});
