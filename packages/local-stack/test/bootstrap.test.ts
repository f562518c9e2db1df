import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type TemporaryCheckout,
  linkDependenciesCommand,
  createTemporaryCheckout,
} from './fixtures/temporary-checkout.ts';

let checkout: TemporaryCheckout;

beforeEach(async () => {
  checkout = await createTemporaryCheckout();
});

afterEach(() => checkout.remove());

test('runs on the installed Node and switches to Node 24 or newer', async () => {
  await script('echo', 'process.stdout.write(process.version)');

  const run = checkout.runPlaza(['bench', 'echo']);

  expect(await run.exitStatus()).toBe(0);
  expect(Number(/^v(\d+)/.exec(run.output())?.[1])).toBeGreaterThanOrEqual(24);
});

test('passes the exit status on', async () => {
  await script('fail', 'process.exit(7)');

  expect(await checkout.runPlaza(['bench', 'fail']).exitStatus()).toBe(7);
});

test.each([[['nonsense']], [['start', '--nonsense']], [['start', 'nonsense']]])(
  'prints its usage for %p, with status 64',
  async (args) => {
    const run = checkout.runPlaza(args);

    expect(await run.exitStatus()).toBe(64);
    expect(run.output()).toMatch(/nonsense[^]*Usage:/);
  },
);

test('installs missing dependencies once for concurrent starts', async () => {
  await rm(join(checkout.path, 'node_modules'), { recursive: true });
  const env = await fakeNpm(`sleep 0.3; ${linkDependenciesCommand}`);

  const runs = [checkout.runPlaza(['nonsense'], env), checkout.runPlaza(['nonsense'], env)];

  expect(await Promise.all(runs.map((run) => run.exitStatus()))).toEqual([64, 64]);
  expect(await npmCalls()).toEqual(['ci']);
});

test('installs the dependencies again once when the lock file has changed', async () => {
  const lock = { packages: { 'node_modules/zod': { version: '99.0.0' } } };
  await writeFile(join(checkout.path, 'package-lock.json'), JSON.stringify(lock));
  const env = await fakeNpm('true');

  await checkout.runPlaza(['nonsense'], env).exitStatus();
  await checkout.runPlaza(['nonsense'], env).exitStatus();

  expect(await npmCalls()).toEqual(['ci']);
});

test('prints the error if the dependencies cannot be installed', async () => {
  await rm(join(checkout.path, 'node_modules'), { recursive: true });
  const env = await fakeNpm('echo npm error network is away >&2; exit 1');

  const run = checkout.runPlaza(['start'], env);

  expect(await run.exitStatus()).toBe(1);
  expect(run.output()).toContain('could not be installed. Output of npm ci:\nnpm error network is away\n');
});

async function script(name: string, source: string): Promise<void> {
  await mkdir(join(checkout.path, 'tests/bench'), { recursive: true });
  await writeFile(join(checkout.path, `tests/bench/${name}.ts`), source);
}

/** Puts an npm on PATH that records its first argument and runs the commands. */
async function fakeNpm(commands: string): Promise<Record<string, string>> {
  const bin = join(checkout.path, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'npm'), `#!/bin/sh\necho "$1" >>"${checkout.path}/npm-calls"\n${commands}\n`);
  await chmod(join(bin, 'npm'), 0o755);
  return { PATH: [bin, process.env['PATH']].join(delimiter) };
}

async function npmCalls(): Promise<string[]> {
  return (await readFile(join(checkout.path, 'npm-calls'), 'utf8')).trim().split('\n');
}
