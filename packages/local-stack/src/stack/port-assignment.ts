import { findNextFreePort } from '../process/free-port.ts';
import { serverTypes } from '../servers/server-types.ts';
import type { ServerPorts, ServerType } from '../servers/server.ts';
import type { ServerUrls } from '../services/environment.ts';
import type { WorkspaceService } from '../services/services.ts';

export interface StackPorts {
  /** By the service's label. */
  readonly services: ReadonlyMap<string, number>;
  /** By the service's label, for services with an admin port. */
  readonly admins: ReadonlyMap<string, number>;
  /** Of the servers that Plaza runs, without those of the environment. */
  readonly servers: ReadonlyMap<ServerType, ServerPorts>;
  /** Of all servers, including those of the environment. */
  readonly urls: ServerUrls;
}

/** The default port of each if it is free, else the next free port that is not the default of another. */
export async function assignPorts(
  services: readonly WorkspaceService[],
  types: readonly ServerType[],
): Promise<StackPorts> {
  const taken = new Set(
    services.flatMap(({ port, adminPort }) => [port, ...(adminPort === undefined ? [] : [adminPort])]),
  );
  for (const { defaultPorts } of Object.values(serverTypes)) {
    for (const port of Object.values(defaultPorts)) taken.add(port);
  }
  const ofServices = new Map<string, number>();
  for (const { name, label, port } of services) {
    const wanted = label === name ? port : findUnclaimedPort(port, taken);
    ofServices.set(label, await findNextFreePort(wanted, taken));
  }

  const admins = new Map<string, number>();
  for (const { name, label, adminPort } of services) {
    if (adminPort === undefined) continue;
    const wanted = label === name ? adminPort : findUnclaimedPort(adminPort, taken);
    admins.set(label, await findNextFreePort(wanted, taken));
  }

  const ofServers = new Map<ServerType, ServerPorts>();
  const urls: [string, string][] = [];
  for (const type of types) {
    const foreign = process.env[type.variable];
    if (foreign) {
      urls.push([type.name, foreign]);
      continue;
    }
    const { main, management } = type.defaultPorts;
    const ports = {
      main: await findNextFreePort(main, taken),
      ...(management !== undefined && { management: await findNextFreePort(management, taken) }),
    };
    ofServers.set(type, ports);
    urls.push([type.name, type.url(ports)]);
  }
  return { services: ofServices, admins, servers: ofServers, urls: Object.fromEntries(urls) };
}

/** The next port that is neither a default nor assigned. */
function findUnclaimedPort(port: number, taken: ReadonlySet<number>): number {
  let next = port;
  while (taken.has(next)) next += 1;
  return next;
}

export function describePort(port: number, customary: number): string {
  return port === customary ? `port ${port}` : `port ${port}, since ${customary} is in use`;
}
