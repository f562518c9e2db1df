import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** As long as this process may use them all. */
const CORES = availableParallelism();

/** Whether what is measured can have a core to itself: Linux's taskset, and two cores at least. */
const canPin = CORES > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The core of what is measured; load, service and servers share the others. */
const MEASURED_CORE = 0;

/** Keeps this process and all that it starts from now on away from the core of what is measured. */
export function reserveMeasuredCore(): void {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', `1-${CORES - 1}`, String(process.pid)]);
}

/** The command that runs node: on the core of what is measured with `dedicatedCore`, else on any. */
export function nodeCommand(dedicatedCore: boolean): readonly [string, ...string[]] {
  if (!canPin) return [process.execPath];
  const cores = dedicatedCore ? String(MEASURED_CORE) : `0-${CORES - 1}`;
  return ['taskset', '-c', cores, process.execPath];
}

export const PINNING = canPin
  ? 'what is measured on a core of its own, load and servers on the rest'
  : 'nothing is pinned to a core: there is one, or no taskset';
