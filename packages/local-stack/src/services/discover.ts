import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { checkout } from '../paths.ts';

const serverName = z.enum(['redis', 'rabbitmq', 'mongodb']);

const rootManifest = z.object({ version: z.string(), workspaces: z.array(z.string()) });

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  /** What makes a workspace a service. */
  plaza: z.object({ port: z.int(), uses: z.array(serverName).default([]) }).optional(),
});

/** A workspace that says in its package.json, under "plaza", which port it takes and which servers it uses. */
export interface Service {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  readonly port: number;
  readonly uses: readonly z.infer<typeof serverName>[];
  /** The folders whose source it runs: its own, and those of the workspaces that it depends on. */
  readonly sources: readonly string[];
}

/** Every service of the checkout, by port. Throws where a package.json is not valid. */
export async function discoverServices(root = checkout): Promise<Service[]> {
  const { workspaces } = rootManifest.parse(await readJson(join(root, 'package.json')));
  const directories = new Set<string>();
  for await (const path of glob(
    workspaces.map((workspace) => `${workspace}/package.json`),
    { cwd: root },
  )) {
    directories.add(join(root, dirname(path)));
  }
  const found = await Promise.all(
    [...directories].map(async (directory) => ({
      directory,
      ...manifest.parse(await readJson(join(directory, 'package.json'))),
    })),
  );
  const byName = new Map(found.map((workspace) => [workspace.name, workspace]));
  const sourcesOf = (name: string, seen = new Set<string>()): Set<string> => {
    const workspace = byName.get(name);
    if (workspace === undefined || seen.has(workspace.directory)) return seen;
    seen.add(workspace.directory);
    for (const dependency of Object.keys(workspace.dependencies)) sourcesOf(dependency, seen);
    return seen;
  };
  return found
    .flatMap(({ plaza, name, version, directory }) =>
      plaza === undefined
        ? []
        : [
            {
              ...plaza,
              name,
              version,
              directory,
              sources: [...sourcesOf(name)].map((path) => join(path, 'src')),
            },
          ],
    )
    .sort((a, b) => a.port - b.port);
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
