import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, localDirectory } from '../paths.ts';
import { acquireLock } from '../process/lock-file.ts';
import { serverTypes } from '../servers/server-types.ts';

/** The output of the last npm start: a file for each server and service. */
export const logsDirectory = join(localDirectory, 'logs');

export async function clearLogs(): Promise<void> {
  await rm(logsDirectory, { recursive: true, force: true });
  await mkdir(logsDirectory, { recursive: true });
}

/** Removes the data of the checkout's servers. Waits for a server that is still ending. */
export async function resetData(): Promise<void> {
  for (const name of Object.keys(serverTypes)) {
    const directory = join(localDirectory, name);
    const held = await acquireLock(`${directory}.lock`, { timeoutMs: 20_000 });
    await rm(directory, { recursive: true, force: true });
    await held.release();
  }
}

/** Removes all files of Plaza outside of node_modules, except system packages; returns their paths. */
export async function removeAllData(): Promise<string[]> {
  const paths = [localDirectory, cacheDirectory];
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths;
}
