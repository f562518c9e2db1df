import { serverTypes } from '../servers/server-types.ts';
import type { ServerName } from '../servers/server.ts';
import type { WorkspaceService } from './services.ts';

/** The URLs of the servers; MongoDB's contains the service's database. */
export type ServerUrls = Partial<Readonly<Record<ServerName, string>>>;

export const registryName = 'service-registry';

/**
 * The environment of a service on loopback: its own address, its servers, and the addresses of the other services.
 * `ports` has each service's port by label.
 */
export function createServiceEnvironment(
  service: WorkspaceService,
  servers: ServerUrls,
  ports: ReadonlyMap<string, number>,
): Record<string, string> {
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1', // the development secrets are public
    SERVICE_NAME: service.name,
    SERVICE_VERSION: service.version,
    LOG_FORMAT: 'pretty',
    ...Object.fromEntries(service.uses.flatMap((name) => serverVariables(name, servers[name]))),
    ...Object.fromEntries([...ports].flatMap(([name, port]) => addressVariables(service, name, port))),
  };
}

function serverVariables(name: ServerName, url: string | undefined): [string, string][] {
  return url === undefined ? [] : [[serverTypes[name].variable, url]];
}

function addressVariables(service: WorkspaceService, name: string, port: number): [string, string][] {
  const url = `http://127.0.0.1:${port}`;
  if (name === service.label) return Object.entries({ PORT: String(port), SERVICE_URL: url });
  if (name === registryName) return [['REGISTRY_URL', url]];
  if (name.endsWith('-service')) return [[`${name.toUpperCase().replaceAll('-', '_')}_URL`, url]];
  return [];
}

/** The MongoDB URI with its database replaced. */
export function withDatabase(uri: string, database: string): string {
  return uri.replace(/^([^:]+:\/\/[^/?]+)(\/[^?]*)?/, `$1/${database}`);
}
