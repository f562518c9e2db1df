import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cache, here } from '../paths.ts';
import { startChild } from '../process/child.ts';
import { findProgram, isExecutable } from '../process/find-program.ts';
import { lock } from '../process/lock.ts';
import { lastLines } from '../process/log-file.ts';
import { StackError } from '../stack-error.ts';
import { aptInstall, canInstall } from './apt.ts';
import type { Program, Report } from './server.ts';

const recipe = join(here, 'ferretdb');

/** FerretDB over PostgreSQL with DocumentDB, in the cache and of this recipe. */
export async function builtFerretdb(): Promise<Program | undefined> {
  const root = await rootfs();
  return (await isExecutable(join(root, 'usr/local/bin/ferretdb'))) ? programIn(root) : undefined;
}

/** What is missing here to build and run it, or undefined. */
export async function cannotBuildFerretdb(): Promise<string | undefined> {
  if (!(await canInstall())) return 'Debian (or a relative of it) and root';
  if ((await findProgram('go')) === undefined) return 'Go 1.21 or newer';
  return undefined;
}

/** Builds it into the cache: about a minute and 600 MB. Waits where another process is building it. */
export async function buildFerretdb(report: Report): Promise<Program> {
  await aptInstall('mmdebstrap', () => findProgram('mmdebstrap'), report);
  const root = await rootfs();
  await mkdir(dirname(root), { recursive: true });
  const held = await lock(`${root}.lock`, { waiting: () => report('waiting for another build of FerretDB') });
  try {
    if (!(await builtFerretdb())) {
      report('building FerretDB over PostgreSQL, once (a minute or two)');
      await build(root);
    }
    return programIn(root);
  } finally {
    await held.release();
  }
}

async function build(root: string): Promise<void> {
  const unfinished = `${root}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const log = await open(`${root}.log`, 'w');
  // In a mount namespace of its own: whatever it mounts ends with it.
  const builder = startChild('unshare', ['--mount', 'sh', join(recipe, 'build.sh'), unfinished], {
    output: log.fd,
  });
  const { code } = await builder.exit;
  await log.close();
  if (code !== 0) throw new StackError(`FerretDB could not be built:\n${await lastLines(`${root}.log`)}`);
  await rename(unfinished, root);
}

function programIn(root: string): Program {
  return {
    label: 'FerretDB over PostgreSQL',
    path: root,
    async run({ ports, directory, durable }, output) {
      const inside = ['bash', '/usr/local/lib/plaza/mongod.sh', String(ports.main), durable ? 'on' : 'off'];
      const enter = ['sh', join(recipe, 'enter.sh'), root, directory, ...inside];
      return startChild('unshare', ['--mount', '--ipc', ...enter], { output });
    },
  };
}

/** Where the build of this recipe is: a changed recipe gets a new place. */
async function rootfs(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(recipe)).sort()) hash.update(await readFile(join(recipe, file)));
  return join(cache, 'ferretdb', hash.digest('hex').slice(0, 12));
}
