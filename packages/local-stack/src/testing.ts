import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import type { z } from 'zod';
import {
  type Answers,
  answers,
  failure,
  keeperVariable,
  type Management,
  ownerHeader,
  type Requests,
} from './testing/protocol.ts';

/** Jest loads this module anew for each test file: the file's own name for what it holds. */
const file = randomUUID();

/** A process that a test stops, starts and kills. */
export interface Process {
  /** SIGTERM, then SIGKILL where that does not end it in time. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, on the same port; resolves when it answers. */
  start(): Promise<void>;
}

/** A server for one test alone. */
export interface PrivateServer extends Process {
  /** Starts it again, on the same port, with `empty` without its data; resolves when it answers. */
  start(options?: { empty?: boolean }): Promise<void>;
}

export interface ServiceProcess extends Process {
  readonly name: string;
  readonly url: string;
  /** The lines that it printed, over all its starts. */
  logs(): Promise<string[]>;
}

/** A logical database of Redis for this test file alone. Note that Redis' pub/sub knows no databases. */
export async function testRedis(): Promise<{ url: string }> {
  const { url } = await ask('space', { server: 'redis' }, answers.space);
  return { url };
}

/** A MongoDB database for this test file alone. */
export async function testMongo(): Promise<{ uri: string }> {
  const { url } = await ask('space', { server: 'mongodb' }, answers.space);
  return { uri: url };
}

/** A virtual host of RabbitMQ for this test file alone, and the management API of the broker. */
export async function testRabbit(): Promise<{ url: string; vhost: string; management: Management }> {
  const { url, vhost, management } = await ask('space', { server: 'rabbitmq' }, answers.space);
  if (vhost === undefined || management === undefined)
    throw new Error('The keeper left out the virtual host.');
  return { url, vhost, management };
}

/** A Redis for this test file alone, to be stopped and killed. */
export async function startRedis(): Promise<PrivateServer & { url: string }> {
  const { id, url } = await ask('server', { server: 'redis' }, answers.server);
  return { url, ...controls(id) };
}

/** A MongoDB for this test file alone, to be stopped and killed. */
export async function startMongo(): Promise<PrivateServer & { uri: string }> {
  const { id, url } = await ask('server', { server: 'mongodb' }, answers.server);
  return { uri: `${url}/test`, ...controls(id) };
}

/** A RabbitMQ for this test file alone, to be stopped and killed. It takes 5 to 25 s to start. */
export async function startRabbit(): Promise<PrivateServer & { url: string; management: Management }> {
  const { id, url, management } = await ask('server', { server: 'rabbitmq' }, answers.server);
  if (management === undefined) throw new Error('The keeper left out the management API.');
  return { url, management, ...controls(id) };
}

/**
 * Runs a service of the workspace from its source on a free port; `env` comes on top of what `npm start` gives it,
 * without servers and other services. Resolves when /health/ready says yes (`until: 'live'`: /health/live); throws
 * with the last lines that it printed where it ends, or is not there after 20 s.
 */
export async function startService(
  name: string,
  env: Record<string, string> = {},
  { until = 'ready' }: { until?: 'ready' | 'live' } = {},
): Promise<ServiceProcess> {
  return serviceProcess(await ask('service', { name, env, until }, answers.service));
}

/**
 * All services, wired as `npm start` does, on free ports, with servers of this test file's own. `env` is by service,
 * and so is `replicas`: how many processes of it there are, where that is more than one.
 */
export async function startStack(
  env: Record<string, Record<string, string>> = {},
  replicas: Record<string, number> = {},
): Promise<Stack> {
  const services = (await ask('stack', { env, replicas }, answers.stack)).map(serviceProcess);
  const all = (name: string) => services.filter((candidate) => candidate.name === name);
  const find = (name: string): ServiceProcess => {
    const [service] = all(name);
    if (service === undefined) throw new Error(`No workspace is a service named ${name}.`);
    return service;
  };
  return {
    gateway: find('api-gateway'),
    registry: find('service-registry'),
    services,
    service: find,
    replicas: all,
  };
}

/**
 * A Chromium without a window, driven by Playwright. All test files of a run share one process; what a file opens is
 * in contexts of its own, which go when it closes this.
 */
export async function startBrowser(): Promise<Browser> {
  const { url } = await ask('browser', {}, answers.browser);
  const { chromium } = await import('playwright-core'); // only those who ask wait for it to load
  return chromium.connectOverCDP(url);
}

export interface Stack {
  readonly gateway: ServiceProcess;
  readonly registry: ServiceProcess;
  readonly services: readonly ServiceProcess[];
  /** The first of its replicas. */
  service(name: string): ServiceProcess;
  replicas(name: string): readonly ServiceProcess[];
}

function serviceProcess({ id, name, url }: Answers['service']): ServiceProcess {
  return { name, url, logs: () => ask('logs', { id }, answers.logs), ...controls(id) };
}

function controls(id: string): PrivateServer {
  const control = async (action: 'start' | 'stop' | 'kill', empty = false): Promise<void> => {
    await ask('control', { id, action, empty }, answers.control);
  };
  return {
    start: ({ empty } = {}) => control('start', empty),
    stop: () => control('stop'),
    kill: () => control('kill'),
  };
}

async function ask<Name extends keyof Requests, Answer>(
  name: Name,
  request: Requests[Name],
  answer: z.ZodType<Answer>,
): Promise<Answer> {
  const keeper = process.env[keeperVariable];
  if (keeper === undefined) throw new Error('Servers for tests are kept by jest: run them with npm test.');
  const response = await fetch(`${keeper}/${name}`, {
    method: 'POST',
    headers: { [ownerHeader]: `${process.env['JEST_WORKER_ID'] ?? 0}/${file}` },
    body: JSON.stringify(request),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(failure.parse(body).error);
  return answer.parse(body);
}

export { eventually } from './testing/eventually.ts';
export { startProxy, type Proxy } from './testing/proxy.ts';
