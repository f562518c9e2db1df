import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll } from '@jest/globals';
import { vaultEnvironment } from '../../src/config.ts';
import { loadConfig } from '../../src/kong-config/load-config.ts';
import { STANDARD_PLUGINS } from '../../src/plugins/index.ts';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from '../test-gateway.ts';

export interface PluginEntry {
  readonly name: string;
  readonly config?: object;
  readonly route?: string;
  readonly service?: string;
  readonly consumer?: string;
}

/** Parts of the file besides one service with one route, `/api`. */
export interface HarnessOptions {
  readonly consumers?: readonly object[];
  /** Further routes of the service. */
  readonly routes?: readonly object[];
  readonly services?: readonly object[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Real gateways with plugins, each with its own file, and their services. All stop after the tests. */
export function createPluginHarness() {
  const folder = mkdtempSync(join(tmpdir(), 'plaza-plugins-'));
  const closing: (() => Promise<unknown>)[] = [];
  let files = 0;

  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
    rmSync(folder, { recursive: true });
  });

  return {
    folder,
    upstream: async (answer: RequestListener = echo): Promise<TestUpstream> => {
      const upstream = await startUpstream(answer);
      closing.push(upstream.close);
      return upstream;
    },
    gateway: async (
      to: { url: string },
      plugins: readonly PluginEntry[],
      more: HarnessOptions = {},
    ): Promise<Gateway> => {
      files += 1;
      const file = join(folder, `${files}.json`);
      writeFileSync(file, JSON.stringify(fileOf(to.url, plugins, more)));
      const gateway = await startGateway({ GATEWAY_CONFIG: file, TRUSTED_PROXIES: '1', ...more.environment });
      closing.push(gateway.stop);
      return gateway;
    },
  };
}

function fileOf(
  url: string,
  plugins: readonly PluginEntry[],
  { consumers = [], routes = [], services = [] }: HarnessOptions,
) {
  return {
    _format_version: '3.0',
    services: [{ name: 'echo', url, routes: [{ name: 'api', paths: ['/api'] }, ...routes] }, ...services],
    plugins,
    consumers,
  };
}

/** The mistakes of a plugin entry. */
export function configMistakes(name: string, config: object, more: HarnessOptions = {}): readonly string[] {
  const file = fileOf('http://echo.test', [{ name, config }], more);
  const options = { kinds: STANDARD_PLUGINS, environment: vaultEnvironment({}) };
  return loadConfig(JSON.stringify(file), options).mistakes ?? [];
}

/** Answers with the request that it got. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const answer = async () => {
    const body = await text(request);
    const { method, url, headers } = request;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, body }));
  };
  answer().catch(() => response.destroy());
}
