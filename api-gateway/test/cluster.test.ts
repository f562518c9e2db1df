import { execFileSync } from 'node:child_process';
import { Agent, get, type RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import { createConfigFile } from './config-file.ts';
import { freePort, startUpstream, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const SLOW_MS = 300;
/** node:cluster loses a connection that it hands to a worker while that worker is killed: it never gets a response. */
const PATIENCE_MS = 3_000;

let users: TestUpstream;

beforeAll(async () => {
  users = await startUpstream((request, response) => {
    if (request.url?.includes('slow') === true) setTimeout(() => response.end('late'), SLOW_MS);
    else response.end('here');
  });
});

afterAll(() => users.close());

async function start(environment: Record<string, string> = {}): Promise<ServiceProcess> {
  return startService('api-gateway', {
    GATEWAY_WORKERS: '2',
    USERS_SERVICE_URL: users.url,
    REDIS_URL: (await testRedis()).url,
    LOG_FORMAT: 'json',
    ADMIN_PORT: '0',
    PUBLIC_METRICS: 'on',
    DRAIN_MS: '0',
    RATE_LIMIT_ANONYMOUS: 'off',
    ...environment,
  });
}

/** Over a connection of its own, as another client: workers take connections in turn. */
function ask(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: new Agent({ keepAlive: false }), headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    }).once('error', reject);
    asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error('No response.')));
  });
}

async function linesOf(gateway: ServiceProcess): Promise<Record<string, unknown>[]> {
  const lines = (await gateway.logs()).filter((line) => line.startsWith('{'));
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

/** Process ids of workers, as the primary told them, latest last. */
async function workers(gateway: ServiceProcess): Promise<number[]> {
  const started = (await linesOf(gateway)).filter(({ event }) => event === 'worker_started');
  return started.map(({ pid }) => Number(pid));
}

/** The workers that have answered so, by their ids. */
async function answering(gateway: ServiceProcess, wanted = 200): Promise<Set<unknown>> {
  const answered = (await linesOf(gateway)).filter(
    ({ message, status }) => message === 'response' && status === wanted,
  );
  return new Set(answered.map(({ worker }) => worker));
}

const says =
  (name: string): RequestListener =>
  (_request, response) =>
    void response.end(name);

function parentOf(pid = 0): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

describe('two workers', () => {
  let gateway: ServiceProcess;

  beforeAll(async () => {
    gateway = await start();
  });

  test('share the port, and a line in the log says which of them answered', async () => {
    await eventually(async () => {
      expect(await ask(`${gateway.url}/api/users/1`)).toBe(200);
      const answered = (await linesOf(gateway)).filter(({ event }) => event === 'response_sent');
      expect(new Set(answered.map(({ worker }) => worker)).size).toBe(2);
    });
  });

  test('tell their metrics together, whichever is asked', async () => {
    const counted = async (): Promise<number> => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const counts = text.matchAll(/duration_seconds_count\{[^}]*route="users"[^}]*\} (\d+)/g);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await counted();
    for (let sent = 0; sent < 10; sent += 1) await ask(`${gateway.url}/api/users/1`);
    await eventually(async () => expect(await counted()).toBe(before + 10));
    await eventually(async () => expect(await counted()).toBe(before + 10));
  });

  test('answer on while one of them is killed, and have a successor', async () => {
    const [first = 0] = await workers(gateway);
    process.kill(first, 'SIGKILL');
    // One at a time: at most one is with the worker that dies.
    const statuses: (number | undefined)[] = [];
    await eventually(async () => {
      for (let sent = 0; sent < 5; sent += 1)
        statuses.push(await ask(`${gateway.url}/api/users/1`).catch(() => undefined));
      expect((await workers(gateway)).length).toBe(3);
    });
    expect(statuses.filter((status) => status !== 200).length).toBeLessThanOrEqual(1);
    for (let sent = 0; sent < 20; sent += 1) expect(await ask(`${gateway.url}/api/users/1`)).toBe(200);
    await eventually(async () => {
      await ask(`${gateway.url}/api/users/1`);
      expect((await answering(gateway)).size).toBe(3);
    });
  });
});

test('what was set holds in each worker that takes over, the Admin API’s among them', async () => {
  const [a, b] = [await startUpstream(says('a')), await startUpstream(says('b'))];
  const targets = [a, b].map(({ port }) => ({ target: `127.0.0.1:${port}` }));
  const routes = [{ name: 'shop', paths: ['/shop'] }];
  const { path } = await createConfigFile({
    _format_version: '3.0',
    services: [{ name: 'shop', host: 'shop', routes }],
    upstreams: [{ name: 'shop', targets }],
  });
  const adminPort = await freePort();
  const gateway = await start({ GATEWAY_CONFIG: path, ADMIN_PORT: String(adminPort) });
  const weights = `http://127.0.0.1:${adminPort}/upstreams/shop/targets`;
  await eventually(async () => {
    const set = { method: 'PATCH', body: new URLSearchParams({ weight: '0' }) };
    expect((await fetch(`${weights}/127.0.0.1:${a.port}`, set)).status).toBe(200);
  });

  for (const pid of await workers(gateway)) {
    const before = (await workers(gateway)).length;
    process.kill(pid, 'SIGKILL');
    await eventually(async () => expect((await workers(gateway)).length).toBe(before + 1));
  }
  await eventually(async () => {
    await ask(`${gateway.url}/shop`);
    const successors = [...(await answering(gateway))].filter((worker) => worker !== 1 && worker !== 2);
    expect(successors).toHaveLength(2);
  });
  expect(a.requests).toEqual([]);
  const { data } = await fetch(weights).then((answer) => answer.json());
  expect(data).toMatchObject([{ weight: 0 }, { weight: 100 }]);
  await gateway.stop();
  await Promise.all([a.close(), b.close()]);
});

test('logins that have ended are refused by all workers within five seconds', async () => {
  const signer = createSigner('k1');
  const ended: object[] = [];
  const issuer = await startUpstream((request, response) => {
    if (request.url?.startsWith('/ended') !== true) serveJwks(signer)(request, response);
    else response.end(JSON.stringify({ items: ended, next: 'now', more: false }));
  });
  const gateway = await start({
    JWKS_URL: `${issuer.url}/.well-known/jwks.json`,
    REVOCATIONS_URL: `${issuer.url}/ended`,
  });
  const headers = { Authorization: `Bearer ${signer.token({ sid: 'login-1' })}` };
  const byWorker = async (status: number) => {
    expect(await ask(`${gateway.url}/api/users/1`, headers)).toBe(status);
    expect((await answering(gateway, status)).size).toBe(2);
  };
  await eventually(() => byWorker(200));
  ended.push({ sessionId: 'login-1', until: new Date(Date.now() + 900_000).toISOString() });
  await eventually(() => byWorker(401), 5_000);
  for (let sent = 0; sent < 10; sent += 1) expect(await ask(`${gateway.url}/api/users/1`, headers)).toBe(401);
  await gateway.stop();
  await issuer.close();
});

test('limits hold over all workers', async () => {
  const gateway = await start({ RATE_LIMIT_ANONYMOUS: '5/15m', TRUSTED_PROXIES: '1' });
  const statusesOf = async (client: string) => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 12; sent += 1)
      statuses.push(await ask(`${gateway.url}/api/users/1`, { 'X-Forwarded-For': client }));
    return statuses;
  };
  let clients = 0;
  // A worker's first questions to Redis may be late, and are then counted by it alone.
  await eventually(async () => {
    clients += 1;
    const statuses = await statusesOf(`192.0.2.${clients}`);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });
});

test('a stop lets each worker finish its requests, and leaves no process behind', async () => {
  const gateway = await start();
  const asked = Array.from({ length: 4 }, () => ask(`${gateway.url}/api/users/slow`));
  await eventually(() => expect(users.requests.filter(({ url }) => url?.includes('slow'))).toHaveLength(4));
  const pids = await workers(gateway);
  const [statuses] = await Promise.all([Promise.all(asked), gateway.stop()]);
  expect(statuses).toEqual([200, 200, 200, 200]);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('workers end where the primary is killed', async () => {
  const gateway = await start();
  const pids = await workers(gateway);
  process.kill(parentOf(pids[0]), 'SIGKILL');
  await eventually(() => {
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
