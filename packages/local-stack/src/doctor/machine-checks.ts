import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, repositoryRoot } from '../paths.ts';
import { findProgram } from '../process/find-program.ts';
import { canInstall, installHint } from '../servers/apt.ts';
import type { Diagnostic } from './diagnostic.ts';

const run = promisify(execFile);
const gigabyte = 1e9;

/** Measured need of a run of all servers and services, rounded up. */
const needed = { disk: 2 * gigabyte, memory: gigabyte };

/** Node, npm, optional programs, disk space and memory. */
export async function checkMachine(): Promise<Diagnostic[]> {
  const docker = ['version', '--format', '{{.Server.Version}}'];
  const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
  const examined = await Promise.all([
    checkVersion('npm', ['npm'], ['--version'], 'It comes with Node.'),
    checkVersion('docker', ['docker'], docker, 'Only docker compose needs it.'),
    checkVersion('chromium', browsers, ['--version'], await browserInstallHint()),
    checkDiskSpace('disk, checkout', repositoryRoot),
    checkDiskSpace('disk, cache', cacheDirectory),
  ]);
  return [{ subject: 'node', state: 'ok', text: process.version }, ...examined, checkMemory()];
}

async function browserInstallHint(): Promise<string> {
  const how = (await canInstall()) ? 'npm test installs it by apt-get.' : installHint('chromium');
  return `Only tests of pages need it. ${how}`;
}

async function checkVersion(
  subject: string,
  names: string[],
  args: string[],
  remedy: string,
): Promise<Diagnostic> {
  for (const name of names) {
    const path = await findProgram(name);
    if (path === undefined) continue;
    try {
      const { stdout } = await run(path, args, { timeout: 5_000 });
      return { subject, state: 'ok', text: stdout.trim() };
    } catch {
      return { subject, state: 'wrong', text: `${path} does not answer`, remedy };
    }
  }
  return { subject, state: 'missing', text: 'not installed', remedy };
}

async function checkDiskSpace(subject: string, path: string): Promise<Diagnostic> {
  const { bavail, bsize } = await statfs(existingParent(path));
  const free = bavail * bsize;
  const text = `${(free / gigabyte).toFixed(1)} GB free`;
  if (free >= needed.disk) return { subject, state: 'ok', text };
  const blocks = free < needed.disk / 10;
  return { subject, state: 'wrong', text, remedy: `Free some space: ${path} may grow to 2 GB.`, blocks };
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path));
}

function checkMemory(): Diagnostic {
  const text = `${(freemem() / gigabyte).toFixed(1)} GB available`;
  return freemem() >= needed.memory
    ? { subject: 'memory', state: 'ok', text }
    : {
        subject: 'memory',
        state: 'wrong',
        text,
        remedy: 'All servers and services need about 1 GB: stop other programs first.',
      };
}
