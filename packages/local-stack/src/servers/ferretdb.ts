import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cache, here } from '../paths.ts';
import { startChild } from '../process/child.ts';
import { findProgram, isExecutable } from '../process/find-program.ts';
import { lock } from '../process/lock.ts';
import { StackError } from '../stack-error.ts';
import { aptInstall, canInstall } from './apt.ts';
import type { Program, Report } from './server.ts';

const run = promisify(execFile);
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
  const held = await lock(join(cache, 'ferretdb.lock'), () =>
    report('waiting for another build of FerretDB'),
  );
  try {
    const built = await builtFerretdb();
    if (built) return built;
    report('building FerretDB over PostgreSQL (a minute or two, once)');
    const unfinished = `${root}.new`;
    await removeAll(root);
    await mkdir(join(cache, 'ferretdb'), { recursive: true });
    await run('sh', [join(recipe, 'build.sh'), unfinished], { maxBuffer: 64 * 1024 * 1024 });
    await rename(unfinished, root);
    return programIn(root);
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new StackError(`FerretDB could not be built: ${words.trim().split('\n').slice(-5).join('\n  ')}`);
  } finally {
    await held.release();
  }
}

function programIn(root: string): Program {
  return {
    label: `FerretDB over PostgreSQL in ${root}`,
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

async function removeAll(root: string): Promise<void> {
  await rm(`${root}.new`, { recursive: true, force: true });
  await rm(`${root}.new.ferretdb`, { force: true });
}
