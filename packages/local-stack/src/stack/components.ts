import type { SupervisedProcess } from '../process/supervisor.ts';
import type { ServerType } from '../servers/server.ts';
import { registryName } from '../services/environment.ts';
import type { WorkspaceService } from '../services/services.ts';
import { type TerminalRenderer, yellow } from '../terminal.ts';
import type { StackPorts } from './port-assignment.ts';

/** The components of npm start, and the dependencies of their start. */
export interface StackComponents {
  readonly servers: Map<ServerType, SupervisedProcess>;
  readonly services: Map<WorkspaceService, SupervisedProcess>;
  readonly ports: StackPorts;
  readonly terminal: TerminalRenderer;
  /** Aborted when the stack stops. */
  readonly signal: AbortSignal;
}

/** Prints a sentence about a component that was running; prints nothing while the stack stops. */
export function printNotice({ terminal, signal }: StackComponents, name: string, sentence: string): void {
  if (!signal.aborted) terminal.line(yellow(`! ${name} ${sentence}`));
}

/**
 * Stops each component after the components that use it: services, with up to 10 s each, then the registry, from which
 * they deregister, then each server.
 */
export async function stopComponents({ services, servers }: StackComponents): Promise<void> {
  const all = [...services.keys()];
  const stopping = new Map<WorkspaceService, Promise<void>>();
  const stopped = async (users: readonly WorkspaceService[]): Promise<void> => {
    for (const user of users) await stopping.get(user);
  };
  const stop = async (service: WorkspaceService, users: readonly WorkspaceService[]): Promise<void> => {
    await stopped(users);
    await services.get(service)?.stop(10);
  };
  const others = all.filter(({ name }) => name !== registryName);
  for (const service of others) stopping.set(service, stop(service, []));
  for (const service of all) if (!others.includes(service)) stopping.set(service, stop(service, others));
  const ends = [...servers].map(async ([type, component]) => {
    await stopped(all.filter(({ uses }) => uses.includes(type.name)));
    await component.stop();
  });
  await Promise.all([...stopping.values(), ...ends]);
}

export async function killComponents({ services, servers }: StackComponents): Promise<void> {
  await Promise.all([...services.values(), ...servers.values()].map((component) => component.kill()));
}
