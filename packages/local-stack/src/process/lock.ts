import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';
import { identify } from './identity.ts';
import type { Milliseconds } from './until.ts';

export interface Lock {
  /** From now on another process holds it; it is free when that has ended. */
  handOver(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock file, or answers the process id of who holds it. The lock of a process that is gone is taken over,
 * also where its id has been given to another process since.
 */
export async function tryLock(path: string): Promise<Lock | number> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    if (await create(path, process.pid)) return heldLock(path);
    const content = await readFile(path, 'utf8').catch(() => '');
    const pid = Number.parseInt(content, 10);
    if (content !== '' && (await identify(pid)) === content) return pid;
    if (content !== '') await removeStale(path, content);
  }
}

/** Takes the lock; while another process holds it, waits for at most `within` and says so once. */
export async function lock(
  path: string,
  { waiting = () => {}, within = Infinity }: { waiting?: (pid: number) => void; within?: Milliseconds } = {},
): Promise<Lock> {
  const deadline = performance.now() + within;
  for (let told = false; ; told = true) {
    const result = await tryLock(path);
    if (typeof result !== 'number') return result;
    if (performance.now() > deadline)
      throw new StackError(`Process ${result} still holds ${path}. To end it: kill ${result}`);
    if (!told) waiting(result);
    await pause(100);
  }
}

function heldLock(path: string): Lock {
  return {
    async handOver(pid) {
      const theirs = await describe(path, pid);
      await rename(theirs, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** False where the file exists. It appears at once with its content: a link to a finished file. */
async function create(path: string, pid: number): Promise<boolean> {
  const mine = await describe(path, pid);
  const created = await succeeds(link(mine, path));
  await rm(mine);
  return created;
}

/** Writes a file for `path` that names the process as the holder. */
async function describe(path: string, pid: number): Promise<string> {
  const file = `${path}.${randomUUID()}`;
  await writeFile(file, (await identify(pid)) ?? `${pid}`);
  return file;
}

/** One at a time may remove a stale lock, after another look: it could be somebody's new one by now. */
async function removeStale(path: string, content: string): Promise<void> {
  const turn = `${path}.turn`;
  if (await create(turn, process.pid)) {
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
