import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { STANDARD_PLUGINS } from './index.ts';
import type { PluginDefinition } from './api/plugin.ts';

/** The plugins of a folder, and a message for each file that is no valid plugin. */
export interface CustomPlugins {
  readonly kinds: readonly PluginDefinition[];
  readonly mistakes: readonly string[];
}

const pluginSchema = z.object({
  name: z.string().regex(/^[\w-]+$/, 'must be of letters, digits, - and _'),
  priority: z.number(),
  countsAuthErrors: z.boolean().exactOptional(),
  schema: z.custom<PluginDefinition['schema']>(
    (value) => typeof value === 'object' && value !== null && 'safeParse' in value,
    'must be a schema of zod',
  ),
  create: z.custom<PluginDefinition['create']>(isFunction, 'must be a function'),
  secretNames: z
    .custom<NonNullable<PluginDefinition['secretNames']>>(isFunction, 'must be a function')
    .exactOptional(),
});

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

const moduleSchema = z.object({ plugin: pluginSchema });

/** Loads the custom plugins: the export `plugin` of each file in the folder. Never throws. */
export async function loadCustomPlugins(folder: string | undefined): Promise<CustomPlugins> {
  if (folder === undefined || folder === '') return { kinds: [], mistakes: [] };
  const read = await listPluginFiles(folder);
  if (typeof read === 'string') return { kinds: [], mistakes: [read] };
  const names = new Set(STANDARD_PLUGINS.map(({ name }) => name));
  const kinds: PluginDefinition[] = [];
  const mistakes: string[] = [];
  for (const file of read) {
    const found = await loadPlugin(file);
    if (typeof found === 'string') mistakes.push(`${file}: ${found}`);
    else if (names.has(found.name)) mistakes.push(`${file}: there is a plugin ${found.name} already`);
    else {
      names.add(found.name);
      kinds.push(found);
    }
  }
  return { kinds, mistakes };
}

async function listPluginFiles(folder: string): Promise<string[] | string> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.(?:m?js|ts)$/.test(name) && !name.endsWith('.d.ts'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    return `${folder}: cannot be read: ${errorMessage(error)}`;
  }
}

async function loadPlugin(file: string): Promise<PluginDefinition | string> {
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    const { data, error } = moduleSchema.safeParse(module);
    if (data !== undefined) return data.plugin;
    const [issue] = error.issues;
    return `${issue?.path.join('.') ?? 'plugin'}: ${issue?.message ?? 'is not there'}`;
  } catch (error) {
    return `cannot be loaded: ${errorMessage(error)}`;
  }
}

function errorMessage(error: unknown): string {
  return Error.isError(error) ? error.message : String(error);
}
