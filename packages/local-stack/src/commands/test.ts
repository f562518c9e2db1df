import { join } from 'node:path';
import { run } from 'jest';
import { checkout, here } from '../paths.ts';
import { serverKinds } from '../servers/kinds.ts';
import { createTerminal } from '../terminal.ts';
import { tally } from '../testing/reporter.ts';
import { check } from './check.ts';

/**
 * Runs jest with `args`: all of it after the checks, or a part (a pattern, watch mode) or all with `--no-check` without
 * them. Jest sets the process's exit status, and in watch mode it lives on.
 */
export async function test(allArgs: readonly string[]): Promise<undefined> {
  process.chdir(checkout);
  const args = allArgs.filter((arg) => arg !== noCheck);
  const failedChecks = isAll(args) && !allArgs.includes(noCheck) ? await check() : [];
  await installServers();
  await run([...args, '--reporters=default', `--reporters=${join(here, 'src/testing/reporter.ts')}`]);

  if (failedChecks.length > 0) {
    process.exitCode = 1;
    process.stdout.write(`\nChecks failed, see above: ${failedChecks.join(', ')}\n`);
  }
  const line = tally(failedChecks.length);
  if (line !== undefined) process.stdout.write(`${line}\n`);
}

const noCheck = '--no-check';

function isAll(args: readonly string[]): boolean {
  return args.every((arg) => arg.startsWith('-') && !arg.startsWith('--watch'));
}

/** A test's time is for the test: what is missing on this machine is installed before. */
async function installServers(): Promise<void> {
  const terminal = createTerminal(Math.max(...Object.values(serverKinds).map(({ title }) => title.length)));
  await Promise.all(
    Object.values(serverKinds).map(async (kind) => {
      if (process.env[kind.variable] || (await kind.find())) return;
      const step = terminal.step(kind.title);
      try {
        step.done((await kind.install(step.doing)).label);
      } catch (error) {
        step.failed('not installed');
        throw error;
      }
    }),
  );
}
