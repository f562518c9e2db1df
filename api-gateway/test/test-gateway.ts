import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testRedis } from '@plaza/local-stack/testing';
import { createChassis, readConfig, runApp, type RunningService } from '@plaza/service-kit';
import { createApp } from '../src/app.ts';
import { createConfigSchema } from '../src/config.ts';
import { loadCustomPlugins } from '../src/plugins/custom-plugins.ts';
import { recordingLogger, type RecordedLogLine } from '@plaza/service-kit/testing';

/** A real HTTP server in this process that stands where a service would. */
export interface TestUpstream {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** What arrived, in order. */
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

export async function startUpstream(
  answer: RequestListener = (request, response) => void response.end(request.url),
  port = 0,
): Promise<TestUpstream> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/auth/revocations') === true) {
      // The gateway asks for itself, every two seconds: no test's business but one's.
      response.end(JSON.stringify({ items: [], next: 'now', more: false }));
      return;
    }
    requests.push(request);
    answer(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = portOf(server);
  return {
    server,
    port: address,
    url: `http://127.0.0.1:${address}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An address on which nothing listens. */
export async function freePort(): Promise<number> {
  const upstream = await startUpstream();
  await upstream.close();
  return upstream.port;
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  return address.port;
}

export interface Gateway extends RunningService {
  readonly url: string;
  /** Of the Admin API, once it listens. */
  adminUrl(): string;
  readonly lines: RecordedLogLine[];
}

/** No limits and no registry: what a test is about, it says itself. */
const QUIET = {
  NODE_ENV: 'test',
  PORT: '0',
  HOST: '127.0.0.1',
  DRAIN_MS: '0',
  ADMIN_PORT: '0',
  PUBLIC_METRICS: 'on',
  RATE_LIMIT_ANONYMOUS: 'off',
  RATE_LIMIT_USER: 'off',
};

/** A gateway that listens, with all that is real about it. */
export async function startGateway(environment: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const { logger, lines } = recordingLogger();
  const { url: REDIS_URL } = await testRedis();
  const all = { ...QUIET, REDIS_URL, ...environment };
  const customPlugins = await loadCustomPlugins(environment['GATEWAY_PLUGINS']);
  const config = readConfig(createConfigSchema(customPlugins, all), all);
  const chassis = createChassis(config, logger);
  const running = await runApp(chassis, createApp(chassis));
  const adminUrl = () => {
    const line = lines.find(({ event }) => event === 'admin_api_listening');
    if (line === undefined) throw new Error('The Admin API does not listen yet.');
    return `http://127.0.0.1:${Number(line.fields['port'])}`;
  };
  return { ...running, url: `http://127.0.0.1:${running.port}`, lines, adminUrl };
}
