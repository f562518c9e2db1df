import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, packageRoot } from '../paths.ts';
import { findProgram } from '../process/find-program.ts';
import { acquireLock } from '../process/lock-file.ts';
import { readLastLines } from '../process/log-file.ts';
import { StackError } from '../stack-error.ts';
import type { ReportProgress } from './server.ts';

/**
 * Installs a Debian package without starting its system service, and returns the result of `find`.
 * If this is not Debian, or not root, throws a StackError that says what to install.
 */
export async function aptInstall(
  name: string,
  find: () => Promise<string | undefined>,
  report: ReportProgress,
): Promise<string> {
  const before = await find();
  if (before !== undefined) return before;
  if (!(await canInstall())) throw new StackError(`${name} is not installed. ${installHint(name)}`);
  await mkdir(cacheDirectory, { recursive: true });
  const held = await acquireLock(join(cacheDirectory, 'apt.lock'), {
    onWait: () => report('waiting for another installation'),
  });
  try {
    report(`installing ${name}`);
    await install(name);
  } finally {
    await held.release();
  }
  const path = await find();
  if (path === undefined) throw new StackError(`${name} was installed, but its program was not found.`);
  return path;
}

/** Whether this process can install packages: Debian or a relative of it, and root. */
export async function canInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findProgram('apt-get')) !== undefined;
}

/** A sentence for the user at the terminal. */
export function installHint(name: string): string {
  return process.platform === 'darwin'
    ? `Install it with: brew install ${name.replace(/-server$/, '')}`
    : `Install it with: sudo apt-get install ${name} (or your system's package manager).`;
}

/** Continues if this process ends, since dpkg must not be interrupted. */
async function install(name: string): Promise<void> {
  const path = join(cacheDirectory, 'apt.log');
  const log = await open(path, 'w');
  const script = join(packageRoot, 'scripts/apt-install.sh');
  const child = spawn('sh', [script, name], { detached: true, stdio: ['ignore', log.fd, log.fd] });
  const [code] = await once(child, 'exit');
  await log.close();
  if (code !== 0) {
    throw new StackError(
      `apt-get could not install ${name}:\n${await readLastLines(path)}\n${installHint(name)}`,
    );
  }
}
