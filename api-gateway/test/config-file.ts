import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type Gateway } from './test-gateway.ts';

/** A configuration file of a test's own. */
export interface ConfigFile {
  readonly path: string;
  /** In one step, as editors do it. */
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

/** A gateway that goes by this file and has started. */
export async function startGatewayWith(
  { path }: ConfigFile,
  environment: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const gateway = await startGateway({ GATEWAY_CONFIG: path, GATEWAY_CONFIG_WATCH_MS: '20', ...environment });
  await gateway.started;
  return gateway;
}

/** A route for each of these prefixes, to these addresses. */
export const prefixRoutes = (targets: Readonly<Record<string, string>>) => ({
  _format_version: '3.0',
  services: Object.entries(targets).map(([path, url]) => ({
    name: `to${path.replaceAll('/', '-')}`,
    url,
    routes: [{ name: `on${path.replaceAll('/', '-')}`, paths: [path] }],
  })),
});
