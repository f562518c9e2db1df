import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** As long as this process may use them all. */
const CORES = availableParallelism();

/** Whether what is measured can have a core to itself: Linux's taskset, and two cores at least. */
const possible = CORES > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The core of what is measured; load, service and servers share the others. */
const MEASURED = 0;

/** Keeps this process and all that it starts from now on away from the core of what is measured. */
export function leaveTheCore(): void {
  if (possible) execFileSync('taskset', ['-a', '-c', '-p', `1-${CORES - 1}`, String(process.pid)]);
}

/** The command that runs node: on the core of what is measured where it is `alone` there, else on any. */
export function nodeCommand(alone: boolean): readonly [string, ...string[]] {
  if (!possible) return [process.execPath];
  const cores = alone ? String(MEASURED) : `0-${CORES - 1}`;
  return ['taskset', '-c', cores, process.execPath];
}

export const PINNING = possible
  ? 'what is measured on a core of its own, load and servers on the rest'
  : 'nothing is pinned to a core: there is one, or no taskset';
