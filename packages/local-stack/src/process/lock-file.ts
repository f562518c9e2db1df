import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';
import { getProcessIdentity } from './identity.ts';
import type { Milliseconds } from './wait-until.ts';

export interface FileLock {
  /** Gives the lock to another process; it is free when that process has ended. */
  transferTo(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock file, or returns the process id of its holder. The lock of a process that has ended is taken over,
 * even if a later process has the same id.
 */
export async function tryAcquireLock(path: string): Promise<FileLock | number> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    if (await createLockFile(path, process.pid)) return createHeldLock(path);
    const content = await readFile(path, 'utf8').catch(() => '');
    const pid = Number.parseInt(content, 10);
    if (content !== '' && (await getProcessIdentity(pid)) === content) return pid;
    if (content !== '') await removeStale(path, content);
  }
}

/** Takes the lock. While another process holds it, waits up to `timeoutMs` and calls `onWait` once. */
export async function acquireLock(
  path: string,
  {
    onWait = () => {},
    timeoutMs = Infinity,
  }: { onWait?: (pid: number) => void; timeoutMs?: Milliseconds } = {},
): Promise<FileLock> {
  const deadline = performance.now() + timeoutMs;
  for (let told = false; ; told = true) {
    const result = await tryAcquireLock(path);
    if (typeof result !== 'number') return result;
    if (performance.now() > deadline)
      throw new StackError(`Process ${result} still holds ${path}. To end it: kill ${result}`);
    if (!told) onWait(result);
    await pause(100);
  }
}

function createHeldLock(path: string): FileLock {
  return {
    async transferTo(pid) {
      const theirs = await writeHolderFile(path, pid);
      await rename(theirs, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** False if the file exists. The file appears together with its content, as a link to a finished file. */
async function createLockFile(path: string, pid: number): Promise<boolean> {
  const mine = await writeHolderFile(path, pid);
  const created = await succeeds(link(mine, path));
  await rm(mine);
  return created;
}

/** Writes a file for `path` with the process as the holder. */
async function writeHolderFile(path: string, pid: number): Promise<string> {
  const file = `${path}.${randomUUID()}`;
  await writeFile(file, (await getProcessIdentity(pid)) ?? `${pid}`);
  return file;
}

/** One process at a time removes a stale lock, and checks it again first: another process may hold a new one. */
async function removeStale(path: string, content: string): Promise<void> {
  const turn = `${path}.turn`;
  if (await createLockFile(turn, process.pid)) {
    if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path);
    await rm(turn);
  } else {
    await pause(10);
    const since = await stat(turn).catch(() => undefined);
    // A turn takes a millisecond; the process of this one was killed during it.
    if (since !== undefined && Date.now() - since.mtimeMs > 5_000) await rm(turn, { force: true });
  }
}

async function succeeds(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
