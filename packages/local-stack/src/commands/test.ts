import { join } from 'node:path';
import { run } from 'jest';
import { findBrowser, installBrowser } from '../browser/chromium.ts';
import { repositoryRoot, packageRoot } from '../paths.ts';
import { serverTypes } from '../servers/server-types.ts';
import { StackError } from '../stack-error.ts';
import { createTerminalRenderer } from '../terminal.ts';
import { getLastRunResults, formatSummary } from '../testing/reporter.ts';
import { check } from './check.ts';

/**
 * Runs jest with `args`: all tests after the checks; a part (a pattern, watch mode), or all with `--no-check`,
 * without the checks. In watch mode, and if jest only prints something (--listTests), jest ends the process.
 */
export async function test(allArgs: readonly string[]): Promise<number | undefined> {
  process.chdir(repositoryRoot);
  const args = allArgs.filter((arg) => arg !== noCheck);
  const failedChecks = isFullRun(args) && !allArgs.includes(noCheck) ? await check() : [];
  await installServers();
  await installMissingBrowser();
  await run([...args, '--reporters=default', `--reporters=${join(packageRoot, 'src/testing/reporter.ts')}`]);

  const results = getLastRunResults();
  if (results === undefined || isWatchMode(args)) return undefined;
  if (failedChecks.length > 0)
    process.stdout.write(`\nChecks failed, see above: ${failedChecks.join(', ')}\n`);
  process.stdout.write(`${formatSummary(results, failedChecks.length)}\n`);
  return results.success && failedChecks.length === 0 ? 0 : 1;
}

const noCheck = '--no-check';

function isFullRun(args: readonly string[]): boolean {
  return args.every((arg) => arg.startsWith('-')) && !isWatchMode(args);
}

function isWatchMode(args: readonly string[]): boolean {
  return args.some((arg) => arg.startsWith('--watch'));
}

/** Installs missing servers before the tests, so that it does not count towards a test's timeout. */
async function installServers(): Promise<void> {
  const terminal = createTerminalRenderer(
    Math.max(...Object.values(serverTypes).map(({ title }) => title.length)),
  );
  await Promise.all(
    Object.values(serverTypes).map(async (type) => {
      if (process.env[type.variable] || (await type.find())) return;
      const step = terminal.startStep(type.title);
      try {
        step.succeed((await type.install(step.update)).label);
      } catch (error) {
        step.fail('not installed');
        throw error;
      }
    }),
  );
}

/** Only the tests of pages need a browser: if it cannot be installed, they fail with a sentence and the others run. */
async function installMissingBrowser(): Promise<void> {
  if ((await findBrowser()) !== undefined) return;
  const step = createTerminalRenderer(BROWSER.length).startStep(BROWSER);
  await installBrowser(step.update).then(step.succeed, (error: unknown) => step.fail(messageOf(error)));
}

const BROWSER = 'Chromium';

function messageOf(error: unknown): string {
  return error instanceof StackError ? error.message : String(error);
}
