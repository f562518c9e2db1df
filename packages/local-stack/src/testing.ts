import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import type { z } from 'zod';
import type { RabbitmqManagement } from './servers/rabbitmq-management.ts';
import {
  type TestServerResponses,
  responseSchemas,
  errorResponseSchema,
  managerUrlVariable,
  testFileHeader,
  type TestServerRequests,
} from './testing/ipc-protocol.ts';

/** Jest loads this module for each test file anew, so this is the file's id as an owner of resources. */
const testFileId = randomUUID();

/** A process that a test can stop, start and kill. */
export interface TestProcess {
  /** SIGTERM, then SIGKILL if that does not end it in time. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port; resolves when it answers. */
  start(): Promise<void>;
}

/** A server for one test only. */
export interface PrivateServer extends TestProcess {
  /** Starts it again on the same port, with `empty` without its data; resolves when it answers. */
  start(options?: { empty?: boolean }): Promise<void>;
}

export interface ServiceProcess extends TestProcess {
  readonly name: string;
  readonly url: string;
  /** The lines that it printed, over all its starts. */
  logs(): Promise<string[]>;
}

/** A logical database of Redis for this test file only. Redis' pub/sub is shared by all databases. */
export async function testRedis(): Promise<{ url: string }> {
  const { url } = await sendRequest('space', { server: 'redis' }, responseSchemas.space);
  return { url };
}

/** A MongoDB database for this test file only. */
export async function testMongo(): Promise<{ uri: string }> {
  const { url } = await sendRequest('space', { server: 'mongodb' }, responseSchemas.space);
  return { uri: url };
}

/** A virtual host of RabbitMQ for this test file only, and the management API of the broker. */
export async function testRabbit(): Promise<{ url: string; vhost: string; management: RabbitmqManagement }> {
  const { url, vhost, management } = await sendRequest(
    'space',
    { server: 'rabbitmq' },
    responseSchemas.space,
  );
  if (vhost === undefined || management === undefined)
    throw new Error('The test server manager did not send the virtual host.');
  return { url, vhost, management };
}

/** A Redis for this test file only, to be stopped and killed. */
export async function startRedis(): Promise<PrivateServer & { url: string }> {
  const { id, url } = await sendRequest('server', { server: 'redis' }, responseSchemas.server);
  return { url, ...createProcessControls(id) };
}

/** A MongoDB for this test file only, to be stopped and killed. */
export async function startMongo(): Promise<PrivateServer & { uri: string }> {
  const { id, url } = await sendRequest('server', { server: 'mongodb' }, responseSchemas.server);
  return { uri: `${url}/test`, ...createProcessControls(id) };
}

/** A RabbitMQ for this test file only, to be stopped and killed. It takes 5 to 25 s to start. */
export async function startRabbit(): Promise<
  PrivateServer & { url: string; management: RabbitmqManagement }
> {
  const { id, url, management } = await sendRequest('server', { server: 'rabbitmq' }, responseSchemas.server);
  if (management === undefined) throw new Error('The test server manager did not send the management API.');
  return { url, management, ...createProcessControls(id) };
}

/**
 * Runs a service from its source on a free port, with the environment of `npm start` and `env`,
 * without servers and other services. Resolves when /health/ready is 200 (`until: 'live'`: /health/live). Throws
 * with its last output lines if it ends, or is not ready after 20 s.
 */
export async function startService(
  name: string,
  env: Record<string, string> = {},
  { until = 'ready' }: { until?: 'ready' | 'live' } = {},
): Promise<ServiceProcess> {
  return toServiceProcess(await sendRequest('service', { name, env, until }, responseSchemas.service));
}

/**
 * All services on free ports, wired as by `npm start`, with servers of this test file's own. `env` is per service,
 * and so is `replicas`, the number of processes (default 1).
 */
export async function startStack(
  env: Record<string, Record<string, string>> = {},
  replicas: Record<string, number> = {},
): Promise<Stack> {
  const services = (await sendRequest('stack', { env, replicas }, responseSchemas.stack)).map(
    toServiceProcess,
  );
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
 * A headless Chromium, controlled by Playwright. All test files of a run share one process; each file has its own
 * contexts, which end when the file closes the browser.
 */
export async function startBrowser(): Promise<Browser> {
  const { url } = await sendRequest('browser', {}, responseSchemas.browser);
  const { chromium } = await import('playwright-core'); // loaded only by the tests that use it
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

function toServiceProcess({ id, name, url }: TestServerResponses['service']): ServiceProcess {
  return {
    name,
    url,
    logs: () => sendRequest('logs', { id }, responseSchemas.logs),
    ...createProcessControls(id),
  };
}

function createProcessControls(id: string): PrivateServer {
  const control = async (action: 'start' | 'stop' | 'kill', empty = false): Promise<void> => {
    await sendRequest('control', { id, action, empty }, responseSchemas.control);
  };
  return {
    start: ({ empty } = {}) => control('start', empty),
    stop: () => control('stop'),
    kill: () => control('kill'),
  };
}

async function sendRequest<Name extends keyof TestServerRequests, Answer>(
  name: Name,
  request: TestServerRequests[Name],
  answer: z.ZodType<Answer>,
): Promise<Answer> {
  const managerUrl = process.env[managerUrlVariable];
  if (managerUrl === undefined)
    throw new Error('Jest starts the servers for tests: run the tests with npm test.');
  const response = await fetch(`${managerUrl}/${name}`, {
    method: 'POST',
    headers: { [testFileHeader]: `${process.env['JEST_WORKER_ID'] ?? 0}/${testFileId}` },
    body: JSON.stringify(request),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(errorResponseSchema.parse(body).error);
  return answer.parse(body);
}

export { eventually } from './testing/eventually.ts';
export { startFaultProxy, type FaultProxy } from './testing/proxy.ts';
