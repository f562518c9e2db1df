import { Agent, get } from 'node:http';
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

/** Requests a second, and how many connections share them. */
const RATE = 500;
const CONNECTIONS = 25;

let gateway: ServiceProcess;
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
  gateway = await startService('api-gateway', {
    REDIS_URL: redis.url,
    REGISTRY_URL: registry.url,
    RATE_LIMIT_ANONYMOUS: 'off',
    LOG_LEVEL: 'warn',
  });
  await eventually(async () => expect(await healthy()).toBe(3));
}, 120_000);

/** How many instances of the posts service the gateway would ask. */
async function healthy(): Promise<number> {
  const metrics = await fetch(`${gateway.url}/metrics`).then((response) => response.text());
  const line = /^gateway_upstream_instances\{upstream="posts-service",health="HEALTHY".*\} (\d+)$/m.exec(
    metrics,
  );
  return Number(line?.[1] ?? 0);
}

/** Asks for posts all the time, until the work is done; what came of it, by status or by what went wrong. */
async function underLoad(work: () => Promise<void>): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const going = { on: true };
  const connection = async () => {
    for (let due = performance.now(); going.on; due += (1_000 * CONNECTIONS) / RATE) {
      await wait(Math.max(0, due - performance.now()));
      const outcome = await ask(agent);
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

async function ask(agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    get(`${gateway.url}/api/posts?limit=1`, { agent }, (response) => {
      response.resume().once('close', () => {
        resolve(response.complete ? String(response.statusCode) : 'broken off');
      });
    }).once('error', (error) => resolve(error.message));
  });
}

describe('under constant load', () => {
  test('three replicas are restarted one after the other, and no request fails', async () => {
    const outcomes = await underLoad(async () => {
      for (const replica of replicas) {
        await replica.stop();
        await replica.start();
        await eventually(async () => expect(await healthy()).toBe(3));
      }
    });
    expect([...outcomes.keys()]).toEqual(['200']);
    expect(outcomes.get('200')).toBeGreaterThan(500);
  }, 120_000);
});
