import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import type { ServerName } from '../servers/server.ts';
import { StackError } from '../stack-error.ts';
import { discoverWorkspaces, type Workspace } from './workspaces.ts';

/** A workspace that says in its package.json, under "plaza", which port it takes and which servers it uses. */
export interface WorkspaceService {
  readonly name: string;
  /** What this process of it is called: its name, and for one more with another version `users-service@2.0.0`. */
  readonly label: string;
  readonly version: string;
  readonly directory: string;
  readonly port: number;
  /** Of an API for who runs the service: its ADMIN_PORT. */
  readonly adminPort?: number | undefined;
  readonly uses: readonly ServerName[];
  /** The folders whose source it runs: its own, and those of the workspaces that it depends on. */
  readonly sources: readonly string[];
}

/** Every service of the checkout, by port; one without a src/main.ts is only planned and is left out. */
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

/** One more process of a service, `users-service@2.0.0`. @throws {StackError} where it is none. */
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
  // A Set's iteration comes to what is added meanwhile.
  for (const { dependencies } of found) {
    for (const other of workspaces) if (Object.hasOwn(dependencies, other.name)) found.add(other);
  }
  return [...found];
}
