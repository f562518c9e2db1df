import { nextFreePort } from '../process/port.ts';
import { serverKinds } from '../servers/kinds.ts';
import type { Ports, ServerKind } from '../servers/server.ts';
import type { ServerUrls } from '../services/environment.ts';
import type { Service } from '../services/services.ts';

export interface StackPorts {
  /** By the service's label. */
  readonly services: ReadonlyMap<string, number>;
  /** By the service's label, of those that have an admin port. */
  readonly admins: ReadonlyMap<string, number>;
  /** Of the servers that are to be run: the environment's are not among them. */
  readonly servers: ReadonlyMap<ServerKind, Ports>;
  /** Of all servers, also the environment's. */
  readonly urls: ServerUrls;
}

/** Everyone's customary port where it is free, else the next free one that is not another's customary port. */
export async function choosePorts(
  services: readonly Service[],
  kinds: readonly ServerKind[],
): Promise<StackPorts> {
  const taken = new Set(
    services.flatMap(({ port, adminPort }) => [port, ...(adminPort === undefined ? [] : [adminPort])]),
  );
  for (const { customaryPorts } of Object.values(serverKinds)) {
    for (const port of Object.values(customaryPorts)) taken.add(port);
  }
  const ofServices = new Map<string, number>();
  for (const { name, label, port } of services) {
    const wanted = label === name ? port : unclaimed(port, taken);
    ofServices.set(label, await nextFreePort(wanted, taken));
  }

  const admins = new Map<string, number>();
  for (const { name, label, adminPort } of services) {
    if (adminPort === undefined) continue;
    const wanted = label === name ? adminPort : unclaimed(adminPort, taken);
    admins.set(label, await nextFreePort(wanted, taken));
  }

  const ofServers = new Map<ServerKind, Ports>();
  const urls: [string, string][] = [];
  for (const kind of kinds) {
    const foreign = process.env[kind.variable];
    if (foreign) {
      urls.push([kind.name, foreign]);
      continue;
    }
    const { main, management } = kind.customaryPorts;
    const ports = {
      main: await nextFreePort(main, taken),
      ...(management !== undefined && { management: await nextFreePort(management, taken) }),
    };
    ofServers.set(kind, ports);
    urls.push([kind.name, kind.url(ports)]);
  }
  return { services: ofServices, admins, servers: ofServers, urls: Object.fromEntries(urls) };
}

/** The next port that is nobody's, customary or chosen. */
function unclaimed(port: number, taken: ReadonlySet<number>): number {
  let next = port;
  while (taken.has(next)) next += 1;
  return next;
}

export function describePort(port: number, customary: number): string {
  return port === customary ? `port ${port}` : `port ${port}, since ${customary} is taken`;
}
