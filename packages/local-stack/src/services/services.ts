import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../paths.ts';
import type { ServerName } from '../servers/server.ts';
import { discoverWorkspaces, type Workspace } from './workspaces.ts';

/** A workspace that says in its package.json, under "plaza", which port it takes and which servers it uses. */
export interface Service {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  readonly port: number;
  readonly uses: readonly ServerName[];
  /** The folders whose source it runs: its own, and those of the workspaces that it depends on. */
  readonly sources: readonly string[];
}

/** Every service of the checkout, by port; one without a src/main.ts is only planned and is left out. */
export async function discoverServices(root = checkout): Promise<Service[]> {
  const workspaces = await discoverWorkspaces(root);
  return workspaces
    .flatMap((workspace) => {
      const { plaza, name, version, directory } = workspace;
      if (plaza === undefined || !existsSync(join(directory, 'src/main.ts'))) return [];
      const sources = withDependencies(workspace, workspaces).map((used) => join(used.directory, 'src'));
      return [{ ...plaza, name, version, directory, sources }];
    })
    .sort((a, b) => a.port - b.port);
}

function withDependencies(workspace: Workspace, workspaces: readonly Workspace[]): Workspace[] {
  const found = new Set([workspace]);
  // A Set's iteration comes to what is added meanwhile.
  for (const { dependencies } of found) {
    for (const other of workspaces) if (Object.hasOwn(dependencies, other.name)) found.add(other);
  }
  return [...found];
}
