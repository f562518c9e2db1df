import { execFileSync } from 'node:child_process';

/** A process's resident memory, in megabytes. */
export function getResidentMegabytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}
