import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import { StackError } from '../stack-error.ts';

/** Runs `<folder>/<name>.ts` with the remaining arguments; returns its exit status. */
export async function runScript(
  folder: string,
  name: string | undefined,
  args: readonly string[],
): Promise<number> {
  const path = join(repositoryRoot, folder, `${name ?? ''}.ts`);
  if (name === undefined || !existsSync(path)) throw new StackError(await unknownScriptMessage(folder, name));
  const child = spawn(process.execPath, ['--conditions=source', path, ...args], {
    cwd: repositoryRoot,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function unknownScriptMessage(folder: string, name: string | undefined): Promise<string> {
  const names: string[] = [];
  for await (const file of glob('*.ts', { cwd: join(repositoryRoot, folder) })) {
    if (!file.endsWith('.test.ts')) names.push(file.slice(0, -'.ts'.length));
  }
  const known = names.length > 0 ? `${folder} has: ${names.sort().join(', ')}.` : `${folder} has none.`;
  return name === undefined ? `Which one? ${known}` : `There is no ${folder}/${name}.ts. ${known}`;
}
