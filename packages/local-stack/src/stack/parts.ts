import type { Supervised } from '../process/supervisor.ts';
import type { ServerKind } from '../servers/server.ts';
import { registryName } from '../services/environment.ts';
import type { Service } from '../services/services.ts';
import { type Terminal, yellow } from '../terminal.ts';
import type { StackPorts } from './ports.ts';

/** What npm start runs, and what its parts need while they are started. */
export interface Parts {
  readonly servers: Map<ServerKind, Supervised>;
  readonly services: Map<Service, Supervised>;
  readonly ports: StackPorts;
  readonly terminal: Terminal;
  /** Aborted when all is to be stopped. */
  readonly signal: AbortSignal;
}

/** Prints a sentence about a part that was up already; nothing while all is being stopped. */
export function say({ terminal, signal }: Parts, name: string, sentence: string): void {
  if (!signal.aborted) terminal.line(yellow(`! ${name} ${sentence}`));
}

/**
 * Stops each part when those that use it have stopped: services, with up to 10 s each, then the registry, which they
 * leave last, and each server after the services that use it.
 */
export async function stopParts({ services, servers }: Parts): Promise<void> {
  const all = [...services.keys()];
  const stopping = new Map<Service, Promise<void>>();
  const stopped = async (users: readonly Service[]): Promise<void> => {
    for (const user of users) await stopping.get(user);
  };
  const stop = async (service: Service, users: readonly Service[]): Promise<void> => {
    await stopped(users);
    await services.get(service)?.stop(10);
  };
  const others = all.filter(({ name }) => name !== registryName);
  for (const service of others) stopping.set(service, stop(service, []));
  for (const service of all) if (!others.includes(service)) stopping.set(service, stop(service, others));
  const ends = [...servers].map(async ([kind, part]) => {
    await stopped(all.filter(({ uses }) => uses.includes(kind.name)));
    await part.stop();
  });
  await Promise.all([...stopping.values(), ...ends]);
}

export async function killParts({ services, servers }: Parts): Promise<void> {
  await Promise.all([...services.values(), ...servers.values()].map((part) => part.kill()));
}
