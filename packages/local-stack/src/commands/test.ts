import { join } from 'node:path';
import { run } from 'jest';
import { findBrowser, installBrowser } from '../browser/chromium.ts';
import { checkout, here } from '../paths.ts';
import { serverKinds } from '../servers/kinds.ts';
import { StackError } from '../stack-error.ts';
import { createTerminal } from '../terminal.ts';
import { lastRun, tally } from '../testing/reporter.ts';
import { check } from './check.ts';

/**
 * Runs jest with `args`: all of it after the checks, or a part (a pattern, watch mode), or all with `--no-check`,
 * without them. In watch mode, and where jest only tells something (--listTests), the process ends by jest.
 */
export async function test(allArgs: readonly string[]): Promise<number | undefined> {
  process.chdir(checkout);
  const args = allArgs.filter((arg) => arg !== noCheck);
  const failedChecks = isAll(args) && !allArgs.includes(noCheck) ? await check() : [];
  await installServers();
  await installMissingBrowser();
  await run([...args, '--reporters=default', `--reporters=${join(here, 'src/testing/reporter.ts')}`]);

  const results = lastRun();
  if (results === undefined || isWatching(args)) return undefined;
  if (failedChecks.length > 0)
    process.stdout.write(`\nChecks failed, see above: ${failedChecks.join(', ')}\n`);
  process.stdout.write(`${tally(results, failedChecks.length)}\n`);
  return results.success && failedChecks.length === 0 ? 0 : 1;
}

const noCheck = '--no-check';

function isAll(args: readonly string[]): boolean {
  return args.every((arg) => arg.startsWith('-')) && !isWatching(args);
}

function isWatching(args: readonly string[]): boolean {
  return args.some((arg) => arg.startsWith('--watch'));
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

/** Only the tests of pages need one: where it cannot be installed, they say so and the others run. */
async function installMissingBrowser(): Promise<void> {
  if ((await findBrowser()) !== undefined) return;
  const step = createTerminal(BROWSER.length).step(BROWSER);
  await installBrowser(step.doing).then(step.done, (error: unknown) => step.failed(messageOf(error)));
}

const BROWSER = 'Chromium';

function messageOf(error: unknown): string {
  return error instanceof StackError ? error.message : String(error);
}
