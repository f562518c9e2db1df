import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import type { ServerName } from '../servers/server.ts';
import { StackError } from '../stack-error.ts';
import { discoverWorkspaces, type Workspace } from './workspaces.ts';

/** A workspace whose package.json has a "plaza" entry, with its port and the servers that it uses. */
export interface WorkspaceService {
  readonly name: string;
  /** The name of this process: the service's name; for an additional version `users-service@2.0.0`. */
  readonly label: string;
  readonly version: string;
  readonly directory: string;
  readonly port: number;
  /** Port of the service's Admin API: its ADMIN_PORT. */
  readonly adminPort?: number | undefined;
  readonly uses: readonly ServerName[];
  /** The folders with its source: its own, and those of the workspaces that it depends on. */
  readonly sources: readonly string[];
}

/** Every service of the checkout, by port; without one that has no src/main.ts yet. */
export async function discoverServices(root = repositoryRoot): Promise<WorkspaceService[]> {
  const workspaces = await discoverWorkspaces(root);
  return workspaces
    .flatMap((workspace) => {
      const { plaza, name, version, directory } = workspace;
      if (plaza === undefined || !existsSync(join(directory, 'src/main.ts'))) return [];
      const sources = withDependencies(workspace, workspaces).map((used) => join(used.directory, 'src'));
      return [{ ...plaza, name, label: name, version, directory, sources }];
    })
    .sort((a, b) => a.port - b.port);
}

/** An additional process of a service, `users-service@2.0.0`. @throws {StackError} if there is no such service. */
export function createExtraInstance(label: string, services: readonly WorkspaceService[]): WorkspaceService {
  const [, name, version] = /^([\w-]+)@([\w.+-]{1,64})$/.exec(label) ?? [];
  const service = services.find((known) => known.name === name);
  if (version === undefined)
    throw new StackError(`"${label}" is no instance: write a service and its version, users-service@2.0.0.`);
  if (service === undefined) {
    const names = services.map((known) => known.name).join(', ');
    throw new StackError(`There is no service ${name}: there are ${names}.`);
  }
  return { ...service, label, version };
}

function withDependencies(workspace: Workspace, workspaces: readonly Workspace[]): Workspace[] {
  const found = new Set([workspace]);
  // The iteration of a Set includes elements that are added during it.
  for (const { dependencies } of found) {
    for (const other of workspaces) if (Object.hasOwn(dependencies, other.name)) found.add(other);
  }
  return [...found];
}
