import { nextFreePort } from '../process/port.ts';
import { serverKinds } from '../servers/kinds.ts';
import type { Ports, ServerKind } from '../servers/server.ts';
import type { Service } from '../services/services.ts';

export interface StackPorts {
  readonly services: ReadonlyMap<string, number>;
  readonly servers: ReadonlyMap<ServerKind, Ports>;
}

/** Everyone's customary port where it is free, else the next free one that is not another's customary port. */
export async function choosePorts(services: readonly Service[]): Promise<StackPorts> {
  const kinds = Object.values(serverKinds);
  const taken = new Set(services.map(({ port }) => port));
  for (const { customaryPorts } of kinds) for (const port of Object.values(customaryPorts)) taken.add(port);

  const ofServices = new Map<string, number>();
  for (const { name, port } of services) ofServices.set(name, await nextFreePort(port, taken));
  const ofServers = new Map<ServerKind, Ports>();
  for (const kind of kinds) {
    const { main, management } = kind.customaryPorts;
    ofServers.set(kind, {
      main: await nextFreePort(main, taken),
      ...(management !== undefined && { management: await nextFreePort(management, taken) }),
    });
  }
  return { services: ofServices, servers: ofServers };
}
