import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const rootManifest = z.object({ workspaces: z.array(z.string()) });

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  /** Present if the workspace is a service. */
  plaza: z
    .object({
      port: z.int(),
      /** Port of the service's Admin API. */
      adminPort: z.int().optional(),
      uses: z.array(z.enum(['redis', 'rabbitmq', 'mongodb'])).default([]),
    })
    .optional(),
});

/** A folder in the `workspaces` of package.json. */
export type Workspace = z.infer<typeof manifest> & { readonly directory: string };

/** Every workspace of the checkout at `root`. Throws if a package.json is invalid. */
export async function discoverWorkspaces(root: string): Promise<Workspace[]> {
  const { workspaces } = rootManifest.parse(await readJson(join(root, 'package.json')));
  const manifests = workspaces.map((workspace) => `${workspace}/package.json`);
  const paths = new Set<string>();
  for await (const path of glob(manifests, { cwd: root })) paths.add(path);
  return Promise.all(
    [...paths].map(async (path) => ({
      ...manifest.parse(await readJson(join(root, path))),
      directory: join(root, dirname(path)),
    })),
  );
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
