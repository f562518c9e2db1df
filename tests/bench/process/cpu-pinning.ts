import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Read before this process is pinned; later it would count only the cores that are left to it. */
const CORES = availableParallelism();

/** Whether the measured process can have a core of its own: needs Linux's taskset and two cores. */
const canPin = CORES > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The core of the measured process; load, service and servers share the others. */
const MEASURED_CORE = 0;

/** Keeps this process, and all that it starts from now on, off the core of the measured process. */
export function reserveMeasuredCore(): void {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', `1-${CORES - 1}`, String(process.pid)]);
}

/** The command that runs node: with `dedicatedCore` on the core of the measured process, else on any. */
export function nodeCommand(dedicatedCore: boolean): readonly [string, ...string[]] {
  if (!canPin) return [process.execPath];
  const cores = dedicatedCore ? String(MEASURED_CORE) : `0-${CORES - 1}`;
  return ['taskset', '-c', cores, process.execPath];
}

export const PINNING = canPin
  ? 'the measured process on a core of its own, load and servers on the others'
  : 'no process pinned to a core: there is only one core, or no taskset';
