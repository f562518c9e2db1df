import { readFile } from 'node:fs/promises';

/**
 * Distinguishes a process from a later one with the same id: its id and, on Linux, its start time in the system's
 * ticks. Undefined if there is no such process, or only a zombie.
 */
export async function getProcessIdentity(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a name may have spaces and parentheses
  const [state, start] = [fields[0], fields[19]];
  return state === 'Z' ? undefined : `${pid} ${start ?? ''}`.trim();
}

/** Whether the process id is in use. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Error.isError(error) && 'code' in error && error.code === 'EPERM';
  }
}
