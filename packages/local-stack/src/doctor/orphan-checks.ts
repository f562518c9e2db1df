import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, localDirectory } from '../paths.ts';
import { isAlive } from '../process/identity.ts';
import { findStaleRunDirectories } from '../testing/run-directory.ts';
import type { Diagnostic } from './diagnostic.ts';

/** Leftovers of a killed run: servers that are still ending, data of tests, an unfinished build. */
export async function checkOrphans(running: number | undefined): Promise<Diagnostic> {
  const found = [
    ...(await findStaleRunDirectories()).map((path) => `${path} (npm test removes it)`),
    ...(running === undefined ? await findOrphanedServers() : []),
    ...(await findUnfinishedBuilds()),
  ];
  const subject = 'leftovers';
  if (found.length === 0) return { subject, state: 'ok', text: 'none' };
  return {
    subject,
    state: 'wrong',
    text: found.join(', '),
    remedy: 'The next npm start or npm test removes them.',
  };
}

/** Servers whose npm start has ended; each lock file names its server's process. They end within 10 s. */
async function findOrphanedServers(): Promise<string[]> {
  const alive: string[] = [];
  for await (const file of glob('*.lock', { cwd: localDirectory })) {
    const pid = Number.parseInt(await readFile(join(localDirectory, file), 'utf8'), 10);
    if (isAlive(pid))
      alive.push(`process ${pid} of ${file.replace(/\.lock$/, '')} (ends within 10 s, else: kill ${pid})`);
  }
  return alive;
}

async function findUnfinishedBuilds(): Promise<string[]> {
  const builds: string[] = [];
  for await (const path of glob('ferretdb/*.new', { cwd: cacheDirectory }))
    builds.push(join(cacheDirectory, path));
  return builds;
}
