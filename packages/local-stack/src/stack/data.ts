import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cache, local } from '../paths.ts';
import { lock } from '../process/lock.ts';
import { serverKinds } from '../servers/kinds.ts';

export const logs = join(local, 'logs');

/** Removes what the checkout's servers have stored, and the logs. Waits for a server that is still ending. */
export async function resetData(): Promise<void> {
  for (const name of Object.keys(serverKinds)) {
    const directory = join(local, name);
    const held = await lock(`${directory}.lock`, { within: 20_000 });
    await rm(directory, { recursive: true, force: true });
    await held.release();
  }
  await rm(logs, { recursive: true, force: true });
}

/** Removes all that Plaza has put on this machine outside of node_modules, but for system packages. */
export async function cleanUp(): Promise<void> {
  await rm(local, { recursive: true, force: true });
  await rm(cache, { recursive: true, force: true });
}
