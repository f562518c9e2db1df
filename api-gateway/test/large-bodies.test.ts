import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import { startUpstream, type TestUpstream } from './test-gateway.ts';

const GIGABYTE = 1024 ** 3;
/** What a gateway may grow by: buffers of three hops, and what the collector has not taken yet. */
const GROWTH = 150 * 1024 ** 2;
/** On a machine that has much else to do. */
const PATIENCE_MS = 180_000;
const CHUNK = Buffer.alloc(1024 ** 2);

let users: TestUpstream;
let gateway: ServiceProcess;

beforeAll(async () => {
  users = await startUpstream((incoming, response) => {
    if (incoming.method === 'GET') {
      response.setHeader('Content-Length', GIGABYTE);
      pour(response);
    } else void count(incoming).then((bytes) => response.end(String(bytes)));
  });
  const { url: REDIS_URL } = await testRedis();
  const open = { RATE_LIMIT_ANONYMOUS: 'off', PUBLIC_METRICS: 'on', ADMIN_PORT: '0' };
  gateway = await startService('api-gateway', { USERS_SERVICE_URL: users.url, REDIS_URL, ...open });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

/** Writes a gigabyte, as fast as it is taken. */
function pour(to: http.ServerResponse | http.ClientRequest): void {
  let left = GIGABYTE;
  const more = () => {
    while (left > 0) {
      left -= CHUNK.length;
      if (!to.write(CHUNK)) {
        to.once('drain', more);
        return;
      }
    }
    to.end();
  };
  more();
}

async function count(from: IncomingMessage): Promise<number> {
  let bytes = 0;
  from.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(from, 'end');
  return bytes;
}

async function resident(): Promise<number> {
  const metrics = await fetch(`${gateway.url}/metrics`).then((response) => response.text());
  return Number(/^process_resident_memory_bytes\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

/** The most that the gateway has had in memory while this went on. */
async function peak<T>(work: Promise<T>): Promise<{ result: T; bytes: number }> {
  let most = 0;
  const going = { on: true };
  const watching = (async () => {
    while (going.on) {
      most = Math.max(most, await resident());
      await wait(100);
    }
  })();
  const result = await work.finally(() => {
    going.on = false;
  });
  await watching;
  return { result, bytes: most };
}

test(
  'a gigabyte goes down through the gateway, and never lies in its memory',
  async () => {
    const before = await resident();
    const download = once(http.get(`${gateway.url}/api/users/much`), 'response').then(([answer]) =>
      count(answer),
    );
    const { result, bytes } = await peak(download);
    expect(result).toBe(GIGABYTE);
    expect(bytes - before).toBeLessThan(GROWTH);
  },
  PATIENCE_MS,
);

test(
  'a gigabyte goes up through it, and never lies in its memory',
  async () => {
    const before = await resident();
    const headers = { 'Content-Length': GIGABYTE };
    const upload = http.request(`${gateway.url}/api/users`, { method: 'POST', headers });
    const answered = once(upload, 'response').then(([answer]) => text(answer));
    pour(upload);
    const { result, bytes } = await peak(answered);
    expect(result).toBe(String(GIGABYTE));
    expect(bytes - before).toBeLessThan(GROWTH);
  },
  PATIENCE_MS,
);
