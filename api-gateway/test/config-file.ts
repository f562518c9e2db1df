import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type Gateway } from './test-gateway.ts';

/** The configuration file of one test. */
export interface ConfigFile {
  readonly path: string;
  /** Replaces the file atomically, as editors do. */
  replace(document: unknown): Promise<void>;
}

export async function createConfigFile(document: unknown): Promise<ConfigFile> {
  const path = join(await mkdtemp(join(tmpdir(), 'plaza-')), 'gateway.yml');
  const replace = async (next: unknown) => {
    await writeFile(`${path}.new`, typeof next === 'string' ? next : JSON.stringify(next));
    await rename(`${path}.new`, path);
  };
  await replace(document);
  return { path, replace };
}

/** A started gateway with this file. */
export async function startGatewayWith(
  { path }: ConfigFile,
  environment: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const gateway = await startGateway({ GATEWAY_CONFIG: path, GATEWAY_CONFIG_WATCH_MS: '20', ...environment });
  await gateway.started;
  return gateway;
}

/** A route from each prefix to its address. */
export const prefixRoutes = (targets: Readonly<Record<string, string>>) => ({
  _format_version: '3.0',
  services: Object.entries(targets).map(([path, url]) => ({
    name: `to${path.replaceAll('/', '-')}`,
    url,
    routes: [{ name: `on${path.replaceAll('/', '-')}`, paths: [path] }],
  })),
});
