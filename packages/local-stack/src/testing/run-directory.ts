import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { localDirectory } from '../paths.ts';
import { isAlive } from '../process/identity.ts';

/** The data folder of the servers of this test run. */
export const runDirectory = join(localDirectory, `test-${process.pid}`);

/** The folders of test runs that were killed. */
export async function findStaleRunDirectories(): Promise<string[]> {
  const dead: string[] = [];
  for await (const name of glob('test-*', { cwd: localDirectory })) {
    if (!isAlive(Number(name.slice('test-'.length)))) dead.push(join(localDirectory, name));
  }
  return dead;
}
