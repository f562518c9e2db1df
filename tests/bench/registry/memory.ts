import { execFileSync } from 'node:child_process';

/** What a process has in memory, in megabytes. */
export function getResidentMegabytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}
