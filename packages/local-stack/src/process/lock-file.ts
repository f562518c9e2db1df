import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';
import { getProcessIdentity } from './identity.ts';
import type { Milliseconds } from './wait-until.ts';

export interface FileLock {
  /** From now on another process holds it; it is free when that has ended. */
  transferTo(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock file, or answers the process id of who holds it. The lock of a process that is gone is taken over,
 * also where its id has been given to another process since.
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

/** Takes the lock; while another process holds it, waits for at most `timeoutMs` and calls `onWait` once. */
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

/** False where the file exists. It appears at once with its content: a link to a finished file. */
async function createLockFile(path: string, pid: number): Promise<boolean> {
  const mine = await writeHolderFile(path, pid);
  const created = await succeeds(link(mine, path));
  await rm(mine);
  return created;
}

/** Writes a file for `path` that names the process as the holder. */
async function writeHolderFile(path: string, pid: number): Promise<string> {
  const file = `${path}.${randomUUID()}`;
  await writeFile(file, (await getProcessIdentity(pid)) ?? `${pid}`);
  return file;
}

/** One at a time may remove a stale lock, after another look: it could be somebody's new one by now. */
async function removeStale(path: string, content: string): Promise<void> {
  const turn = `${path}.turn`;
  if (await createLockFile(turn, process.pid)) {
    if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path);
    await rm(turn);
  } else {
    await pause(10);
    const since = await stat(turn).catch(() => undefined);
    // A turn takes a millisecond; this one's process was killed in it.
    if (since !== undefined && Date.now() - since.mtimeMs > 5_000) await rm(turn, { force: true });
  }
}

async function succeeds(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
