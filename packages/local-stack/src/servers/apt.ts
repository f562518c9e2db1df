import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../process/find-program.ts';
import { lock } from '../process/lock.ts';
import { cache } from '../paths.ts';
import { StackError } from '../stack-error.ts';
import type { Report } from './server.ts';

const run = promisify(execFile);

/** Asked by Debian's maintainer scripts before they start a system service; 101 is "no". */
const policy = '/usr/sbin/policy-rc.d';

/**
 * Installs a Debian package without starting the service that comes with it, and answers what `find` then finds.
 * Throws a StackError that says what to install where this is not Debian, or not root.
 */
export async function aptInstall(
  name: string,
  find: () => Promise<string | undefined>,
  report: Report,
): Promise<string> {
  if (!(await canInstall())) throw new StackError(`${name} is not installed. ${howToInstall(name)}`);
  const held = await lock(join(cache, 'apt.lock'), () => report('waiting for another installation'));
  try {
    const there = await find();
    if (there !== undefined) return there;
    report(`installing ${name}`);
    await withoutServiceStart(async () => {
      if (!(await isKnown(name))) await apt('update');
      await apt('install', '--no-install-recommends', name);
    });
  } catch (error) {
    throw new StackError(`apt-get could not install ${name}: ${lastWords(error)} ${howToInstall(name)}`);
  } finally {
    await held.release();
  }
  const path = await find();
  if (path === undefined) throw new StackError(`${name} was installed, but its program is not to be found.`);
  return path;
}

/** Whether packages can be installed here by us: Debian or a relative of it, and root. */
export async function canInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findProgram('apt-get')) !== undefined;
}

/** A sentence for the person at the terminal. */
export function howToInstall(name: string): string {
  const formula = name.replace(/-server$/, '');
  return process.platform === 'darwin'
    ? `Install it with: brew install ${formula}`
    : `Install it with: sudo apt-get install ${name} (or your system's package manager).`;
}

async function apt(...args: string[]): Promise<void> {
  await run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function isKnown(name: string): Promise<boolean> {
  const { stdout } = await run('apt-cache', ['policy', name], { env: { ...process.env, LC_ALL: 'C' } });
  return /Candidate: (?!\(none\))/.test(stdout);
}

async function withoutServiceStart(install: () => Promise<void>): Promise<void> {
  // Where there is a policy already (as in containers), it is left as it is.
  const ours = await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  try {
    await install();
  } finally {
    if (ours) await rm(policy, { force: true });
  }
}

function lastWords(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return output.trim().split('\n').slice(-3).join(' ');
}
