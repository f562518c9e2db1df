import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';

export const checkout = resolve(import.meta.dirname, '../..');

const EXCLUDED = ['**/node_modules', '**/dist', '**/.local', '**/.git'];

/** The files of the checkout that match, relative to it and sorted; without dependencies and builds. */
export async function findFiles(patterns: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob([...patterns], { cwd: checkout, exclude: EXCLUDED })) files.push(file);
  return files.sort();
}
