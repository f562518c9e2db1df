import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Unavailable } from '@plaza/errors';
import {
  baseConfig,
  createChassis,
  createHttpApp,
  eventStream,
  listen,
  readConfig,
  route,
  type ListeningServer,
  type ServerSentEvent,
} from '@plaza/service-kit';
import request from 'supertest';
import { z } from 'zod';
import { eventually } from '@plaza/local-stack/testing';

const step = z.object({ step: z.int() }).meta({ id: 'Step' });
const resume = z.object({ 'last-event-id': z.coerce.number().int().default(0) });

/** How many streams have begun and how many have ended. */
const open = { begun: 0, ended: 0 };

async function* counting(first: number, last: number): AsyncGenerator<ServerSentEvent> {
  open.begun += 1;
  for (let n = first; n <= last; n += 1) yield { id: n, data: { step: n } };
  open.ended += 1;
}

async function* endless(gone: AbortSignal): AsyncGenerator<ServerSentEvent> {
  open.begun += 1;
  yield { event: 'first', data: { step: 1 } };
  await wait(60_000, undefined, { signal: gone }).catch(() => undefined);
  open.ended += 1;
}

async function* lying(): AsyncGenerator<ServerSentEvent> {
  yield { data: { step: 1 } };
  yield { data: { step: 'two' } };
}

const docs = { method: 'get', summary: 'Steps', tag: 'steps', auth: 'none' } as const;

const routes = [
  route({
    ...docs,
    path: '/three',
    input: { headers: resume },
    responses: { 200: eventStream(step) },
    handle: ({ headers }) => ({
      status: 200,
      stream: () => counting(headers['last-event-id'] + 1, 3),
    }),
  }),
  route({
    ...docs,
    path: '/endless',
    responses: { 200: eventStream(step) },
    handle: () => ({ status: 200, stream: endless }),
  }),
  route({
    ...docs,
    path: '/full',
    responses: { 200: eventStream(step) },
    handle: () => ({
      status: 200,
      stream: () => {
        throw new Unavailable('No more streams.', { reason: 'stream_limit' });
      },
    }),
  }),
  route({
    ...docs,
    path: '/lying',
    responses: { 200: eventStream(step) },
    handle: () => ({ status: 200, stream: lying }),
  }),
];

const config = readConfig(z.object(baseConfig(0, 'example')), { NODE_ENV: 'test' });
const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
const app = createHttpApp({ service: createChassis(config, silent), routes, heartbeatMs: 20 });

let server: ListeningServer;
beforeAll(async () => {
  server = await listen(app, 0, '127.0.0.1');
});
afterAll(() => server.close());

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

describe('a stream of events', () => {
  test('sends each event with its id and its data, and ends with the last', async () => {
    const response = await get('/three');
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('cache-control')).toContain('no-cache');
    expect(withoutComments(await response.text())).toBe(
      'retry: 1000\n\n' + [1, 2, 3].map((n) => `id: ${n}\ndata: {"step":${n}}\n\n`).join(''),
    );
  });

  test('goes on where Last-Event-ID says, which the handler gets parsed', async () => {
    const response = await get('/three', { headers: { 'Last-Event-ID': '2' } });
    expect(withoutComments(await response.text())).toBe('retry: 1000\n\nid: 3\ndata: {"step":3}\n\n');
  });

  test('answers 400 where the header is not what its schema allows', async () => {
    const response = await request(app).get('/three').set('Last-Event-ID', 'x');
    expect(response.status).toBe(400);
    expect(response.body.errors[0].path).toBe('headers.last-event-id');
  });

  test('sends what there is at once, and comments while nothing happens', async () => {
    const leave = new AbortController();
    const response = await get('/endless', { signal: leave.signal });
    const reader = z
      .instanceof(ReadableStream<Uint8Array>)
      .parse(response.body)
      .getReader();
    let text = '';
    await eventually(async () => {
      const { value } = await reader.read();
      text += new TextDecoder().decode(value);
      expect(text).toMatch(/^retry: 1000\n\nevent: first\ndata: \{"step":1\}\n\n(:\n\n){2}/);
    });
    leave.abort();
  });

  test('ends when its client goes', async () => {
    const leave = new AbortController();
    const before = { ...open };
    await get('/endless', { signal: leave.signal });
    await eventually(() => expect(open.begun).toBe(before.begun + 1));
    leave.abort();
    await eventually(() => expect(open.ended).toBe(open.begun));
  });

  test('is not begun for HEAD', async () => {
    const before = open.begun;
    const response = await get('/three', { method: 'HEAD' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(open.begun).toBe(before);
  });

  test('breaks off, and does not seem complete, where an event is not what its schema allows', async () => {
    const response = await get('/lying');
    await expect(response.text()).rejects.toThrow();
  });

  test('that cannot begin is answered with a problem', async () => {
    const response = await request(app).get('/full');
    expect([response.status, response.type]).toEqual([503, 'application/problem+json']);
  });

  test('is documented as one', async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body.paths['/three'].get.responses['200'].content).toEqual({
      'text/event-stream': { schema: { $ref: '#/components/schemas/Step' } },
    });
    expect(body.paths['/three'].get.parameters).toMatchObject([{ in: 'header', name: 'last-event-id' }]);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(':\n\n', '');
}
