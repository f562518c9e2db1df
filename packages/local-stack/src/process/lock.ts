import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile, link } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

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
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, await identify(process.pid));
  try {
    for (;;) {
      // link fails where the file exists, so the lock appears at once, with its content.
      const taken = await link(mine, path).then(
        () => true,
        () => false,
      );
      if (taken) return heldLock(path);
      const content = await readFile(path, 'utf8').catch(() => '');
      const [holder, birth] = content.split(' ');
      const pid = Number(holder);
      if (pid > 0 && isAlive(pid) && (await birthOf(pid)) === birth) return pid;
      if (content) await removeStale(path, content);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Takes the lock; while another process holds it, waits and says so once. */
export async function lock(path: string, waiting: (pid: number) => void = () => {}): Promise<Lock> {
  for (let told = false; ; told = true) {
    const result = await tryLock(path);
    if (typeof result !== 'number') return result;
    if (!told) waiting(result);
    await pause(200);
  }
}

function heldLock(path: string): Lock {
  return {
    async handOver(pid) {
      const theirs = `${path}.${randomUUID()}`;
      await writeFile(theirs, await identify(pid));
      await rename(theirs, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** Of two processes that find the same stale lock only one succeeds: the other's rename fails. */
async function removeStale(path: string, content: string): Promise<void> {
  const aside = `${path}.stale.${randomUUID()}`;
  try {
    await rename(path, aside);
    const moved = await readFile(aside, 'utf8');
    if (moved !== content) await link(aside, path).catch(() => {}); // a newer lock: put it back
    await rm(aside, { force: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function identify(pid: number): Promise<string> {
  return `${pid} ${await birthOf(pid)}`;
}

/** When the process was started, in the system's ticks; empty where the system has no /proc. */
async function birthOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
