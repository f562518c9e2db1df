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

/** Jest loads this module anew for each test file: the file's own name for what it holds. */
const testFileId = randomUUID();

/** A process that a test stops, starts and kills. */
export interface TestProcess {
  /** SIGTERM, then SIGKILL where that does not end it in time. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, on the same port; resolves when it answers. */
  start(): Promise<void>;
}

/** A server for one test alone. */
export interface PrivateServer extends TestProcess {
  /** Starts it again, on the same port, with `empty` without its data; resolves when it answers. */
  start(options?: { empty?: boolean }): Promise<void>;
}

export interface ServiceProcess extends TestProcess {
  readonly name: string;
  readonly url: string;
  /** The lines that it printed, over all its starts. */
  logs(): Promise<string[]>;
}

/** A logical database of Redis for this test file alone. Note that Redis' pub/sub knows no databases. */
export async function testRedis(): Promise<{ url: string }> {
  const { url } = await sendRequest('space', { server: 'redis' }, responseSchemas.space);
  return { url };
}

/** A MongoDB database for this test file alone. */
export async function testMongo(): Promise<{ uri: string }> {
  const { url } = await sendRequest('space', { server: 'mongodb' }, responseSchemas.space);
  return { uri: url };
}

/** A virtual host of RabbitMQ for this test file alone, and the management API of the broker. */
export async function testRabbit(): Promise<{ url: string; vhost: string; management: RabbitmqManagement }> {
  const { url, vhost, management } = await sendRequest(
    'space',
    { server: 'rabbitmq' },
    responseSchemas.space,
  );
  if (vhost === undefined || management === undefined)
    throw new Error('The test server manager left out the virtual host.');
  return { url, vhost, management };
}

/** A Redis for this test file alone, to be stopped and killed. */
export async function startRedis(): Promise<PrivateServer & { url: string }> {
  const { id, url } = await sendRequest('server', { server: 'redis' }, responseSchemas.server);
  return { url, ...createProcessControls(id) };
}

/** A MongoDB for this test file alone, to be stopped and killed. */
export async function startMongo(): Promise<PrivateServer & { uri: string }> {
  const { id, url } = await sendRequest('server', { server: 'mongodb' }, responseSchemas.server);
  return { uri: `${url}/test`, ...createProcessControls(id) };
}

/** A RabbitMQ for this test file alone, to be stopped and killed. It takes 5 to 25 s to start. */
export async function startRabbit(): Promise<
  PrivateServer & { url: string; management: RabbitmqManagement }
> {
  const { id, url, management } = await sendRequest('server', { server: 'rabbitmq' }, responseSchemas.server);
  if (management === undefined) throw new Error('The test server manager left out the management API.');
  return { url, management, ...createProcessControls(id) };
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
  return toServiceProcess(await sendRequest('service', { name, env, until }, responseSchemas.service));
}

/**
 * All services, wired as `npm start` does, on free ports, with servers of this test file's own. `env` is by service,
 * and so is `replicas`: how many processes of it there are, where that is more than one.
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
 * A Chromium without a window, driven by Playwright. All test files of a run share one process; what a file opens is
 * in contexts of its own, which go when it closes this.
 */
export async function startBrowser(): Promise<Browser> {
  const { url } = await sendRequest('browser', {}, responseSchemas.browser);
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
    throw new Error('Servers for tests are started by jest: run them with npm test.');
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
