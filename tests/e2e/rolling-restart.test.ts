import { cp, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startService,
  testMongo,
  testRabbit,
  testRedis,
  type ServiceProcess,
} from '@plaza/local-stack/testing';

/** Requests per second, and the number of connections. */
const RATE = 500;
const CONNECTIONS = 25;

const STANDARD_FILE = new URL('../../api-gateway/gateway.yml', import.meta.url);

let gateway: ServiceProcess;
let file: string;
let replicas: ServiceProcess[];

beforeAll(async () => {
  const [mongo, rabbit, redis] = await Promise.all([testMongo(), testRabbit(), testRedis()]);
  const registry = await startService('service-registry', { REDIS_URL: redis.url });
  const posts = {
    MONGODB_URI: mongo.uri,
    RABBITMQ_URL: rabbit.url,
    REGISTRY_URL: registry.url,
    LOG_LEVEL: 'warn',
  };
  replicas = await Promise.all([1, 2, 3].map(() => startService('posts-service', posts)));
  file = join(await mkdtemp(join(tmpdir(), 'plaza-')), 'gateway.yml');
  await cp(STANDARD_FILE, file);
  gateway = await startService('api-gateway', {
    GATEWAY_CONFIG: file,
    GATEWAY_CONFIG_WATCH_MS: '50',
    ADMIN_PORT: '0',
    PUBLIC_METRICS: 'on',
    REDIS_URL: redis.url,
    REGISTRY_URL: registry.url,
    RATE_LIMIT_ANONYMOUS: 'off',
    LOG_LEVEL: 'warn',
  });
  await eventually(async () => expect(await countHealthyInstances()).toBe(3));
}, 120_000);

/** The number of posts-service instances that get traffic from the gateway. */
async function countHealthyInstances(): Promise<number> {
  const metrics = await fetch(`${gateway.url}/metrics`).then((response) => response.text());
  const line = /^gateway_upstream_instances\{upstream="posts-service",health="HEALTHY".*\} (\d+)$/m.exec(
    metrics,
  );
  return Number(line?.[1] ?? 0);
}

/** Reads posts until the work is done; counts the responses by status or error. */
async function runUnderLoad(work: () => Promise<void>): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const going = { on: true };
  const connection = async () => {
    for (let due = performance.now(); going.on; due += (1_000 * CONNECTIONS) / RATE) {
      await wait(Math.max(0, due - performance.now()));
      const outcome = await requestPosts(agent);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const load = Promise.all(Array.from({ length: CONNECTIONS }, connection));
  await work().finally(() => {
    going.on = false;
  });
  await load;
  agent.destroy();
  return outcomes;
}

async function requestPosts(agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    get(`${gateway.url}/api/posts?limit=1`, { agent }, (response) => {
      response.resume().once('close', () => {
        resolve(response.complete ? String(response.statusCode) : 'broken off');
      });
    }).once('error', (error) => resolve(error.message));
  });
}

/** A configuration with different exposed headers and balancing algorithm. */
function changeConfig(standard: string, round: number): string {
  const algorithm = round % 2 === 0 ? 'round-robin' : 'least-connections';
  const upstreams = `upstreams:\n  - { name: posts-service, algorithm: ${algorithm} }\n`;
  return `${standard.replace('[X-Request-Id,', `[X-Round-${round}, X-Request-Id,`)}\n${upstreams}`;
}

/** In one step, as editors write files. */
async function replaceFile(text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function getExposedHeaders(): Promise<string> {
  const headers = { Origin: 'https://shop.test' };
  const response = await fetch(`${gateway.url}/api/posts?limit=1`, { headers });
  return response.headers.get('Access-Control-Expose-Headers') ?? '';
}

describe('under constant load', () => {
  test('no request fails while three replicas are restarted one after the other', async () => {
    const outcomes = await runUnderLoad(async () => {
      for (const replica of replicas) {
        await replica.stop();
        await replica.start();
        await eventually(async () => expect(await countHealthyInstances()).toBe(3));
      }
    });
    expect([...outcomes.keys()]).toEqual(['200']);
    expect(outcomes.get('200')).toBeGreaterThan(500);
  }, 120_000);

  test('no request fails while the configuration is replaced ten times', async () => {
    const standard = await readFile(STANDARD_FILE, 'utf8');
    const outcomes = await runUnderLoad(async () => {
      for (let round = 1; round <= 10; round += 1) {
        await replaceFile(changeConfig(standard, round));
        await eventually(async () => expect(await getExposedHeaders()).toContain(`X-Round-${round},`));
      }
    });
    expect([...outcomes.keys()]).toEqual(['200']);
    expect(outcomes.get('200')).toBeGreaterThan(100);
  }, 120_000);
});
