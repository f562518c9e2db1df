import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cache, local } from '../paths.ts';
import { lock } from '../process/lock.ts';
import { serverKinds } from '../servers/kinds.ts';

/** The output of the last npm start: a file for each server and service. */
export const logs = join(local, 'logs');

export async function emptyLogs(): Promise<void> {
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });
}

/** Removes what the checkout's servers have stored. Waits for a server that is still ending. */
export async function resetData(): Promise<void> {
  for (const name of Object.keys(serverKinds)) {
    const directory = join(local, name);
    const held = await lock(`${directory}.lock`, { within: 20_000 });
    await rm(directory, { recursive: true, force: true });
    await held.release();
  }
}

/** Removes all that Plaza has put on this machine outside of node_modules, but for system packages; answers the paths. */
export async function cleanUp(): Promise<string[]> {
  const paths = [local, cache];
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths;
}
