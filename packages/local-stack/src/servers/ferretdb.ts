import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory, packageRoot } from '../paths.ts';
import { startChild } from '../process/child.ts';
import { findProgram, isExecutable } from '../process/find-program.ts';
import { acquireLock } from '../process/lock-file.ts';
import { readLastLines } from '../process/log-file.ts';
import { StackError } from '../stack-error.ts';
import { aptInstall, canInstall } from './apt.ts';
import type { Program, ReportProgress } from './server.ts';

const recipeDirectory = join(packageRoot, 'ferretdb');

/** The cached build of FerretDB over PostgreSQL with DocumentDB, from the current recipe. */
export async function findFerretdb(): Promise<Program | undefined> {
  const root = await getRootfsPath();
  return (await isExecutable(join(root, 'usr/local/bin/ferretdb'))) ? createFerretdbProgram(root) : undefined;
}

/** What this machine lacks to build and run it, or undefined. */
export async function findMissingPrerequisite(): Promise<string | undefined> {
  if (!(await canInstall())) return 'Debian (or a relative of it) and root';
  if ((await findProgram('go')) === undefined) return 'Go 1.21 or newer';
  return undefined;
}

/** Builds it into the cache: about a minute and 600 MB. Waits for a build of another process. */
export async function buildFerretdb(report: ReportProgress): Promise<Program> {
  await aptInstall('mmdebstrap', () => findProgram('mmdebstrap'), report);
  const root = await getRootfsPath();
  await mkdir(dirname(root), { recursive: true });
  const held = await acquireLock(`${root}.lock`, {
    onWait: () => report('waiting for another build of FerretDB'),
  });
  try {
    if (!(await findFerretdb())) {
      report('building FerretDB over PostgreSQL, once (a minute or two)');
      await buildRootfs(root);
    }
    return createFerretdbProgram(root);
  } finally {
    await held.release();
  }
}

async function buildRootfs(root: string): Promise<void> {
  const unfinished = `${root}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const log = await open(`${root}.log`, 'w');
  // In its own mount namespace, so that its mounts end with it.
  const builder = startChild('unshare', ['--mount', 'sh', join(recipeDirectory, 'build.sh'), unfinished], {
    output: log.fd,
  });
  const { code } = await builder.exit;
  await log.close();
  if (code !== 0) throw new StackError(`FerretDB could not be built:\n${await readLastLines(`${root}.log`)}`);
  await rename(unfinished, root);
}

function createFerretdbProgram(root: string): Program {
  return {
    label: 'FerretDB over PostgreSQL',
    path: root,
    async run({ ports, directory, durable }, output) {
      const inside = ['bash', '/usr/local/lib/plaza/mongod.sh', String(ports.main), durable ? 'on' : 'off'];
      const enter = ['sh', join(recipeDirectory, 'enter.sh'), root, directory, ...inside];
      return startChild('unshare', ['--mount', '--ipc', ...enter], { output });
    },
  };
}

/** The folder of this recipe's build: a changed recipe gets a new folder. */
async function getRootfsPath(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(recipeDirectory)).sort())
    hash.update(await readFile(join(recipeDirectory, file)));
  return join(cacheDirectory, 'ferretdb', hash.digest('hex').slice(0, 12));
}
