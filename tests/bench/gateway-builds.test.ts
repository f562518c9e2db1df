import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Resolves with what the command prints; rejects with `code` and `stderr` where it fails. */
function bench(...args: string[]) {
  const script = join(import.meta.dirname, 'gateway.ts');
  return run(process.execPath, ['--conditions=source', script, ...args], { timeout: 50_000 });
}

describe('npm run bench -- gateway --against', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plaza-bench-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** A checkout with a gateway that runs nothing. */
  async function writeCheckout() {
    await writeFile(join(directory, 'package.json'), '{"workspaces": ["api-gateway"]}');
    await mkdir(join(directory, 'api-gateway/src'), { recursive: true });
    const manifest = '{"name": "api-gateway", "version": "1.0.0", "plaza": {"port": 3000}}';
    await writeFile(join(directory, 'api-gateway/package.json'), manifest);
    await writeFile(join(directory, 'api-gateway/src/main.ts'), '');
  }

  test.each([
    [['--only'], '--only needs --against DIR'],
    [['--rounds', 'many'], '--rounds takes a whole number from 1 on, not "many".'],
    [['--against', checkout, '--soak'], '--soak measures this build alone'],
    [['--agianst', checkout], "Unknown option '--agianst'"],
  ])('refuses %j with a sentence and the options', async (args, sentence) => {
    await expect(bench(...args)).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringMatching(new RegExp(`^${sentence}[^]*Usage: npm run bench -- gateway`)),
    });
  });

  test('refuses a folder that does not exist', async () => {
    const missing = join(directory, 'missing');
    await expect(bench('--against', missing)).rejects.toMatchObject({
      code: 64,
      stderr: `${missing} does not exist.\n`,
    });
  });

  test('refuses a folder without a gateway', async () => {
    await expect(bench('--against', directory)).rejects.toMatchObject({
      code: 64,
      stderr: `${directory} is no checkout of Plaza: it has no package.json.\n`,
    });
    await writeFile(join(directory, 'package.json'), '{"workspaces": ["api-gateway"]}');
    await expect(bench('--against', directory)).rejects.toMatchObject({
      code: 64,
      stderr: `${directory} has no service "api-gateway" among the workspaces of its package.json.\n`,
    });
  });

  test('refuses a checkout without dependencies, and one with those of another', async () => {
    await writeCheckout();
    await expect(bench('--against', directory)).rejects.toMatchObject({
      code: 64,
      stderr: `${directory} has no installed dependencies: run \`npm ci\` there.\n`,
    });
    await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'));
    await expect(bench('--against', directory)).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining(`${directory} uses the node_modules of another checkout`),
    });
  });

  test('measures two builds in turns and prints their commits and ratios', async () => {
    const counts = [
      '--rounds',
      '1',
      '--tokens',
      '5',
      '--times',
      '2',
      '--warm-up',
      '10',
      '--fresh-tokens',
      '5',
    ];
    const { stdout, stderr } = await bench('--against', checkout, '--only', ...counts);

    expect(stdout).toMatch(/^Build: now .+, before .+\.$/m);
    expect(stdout).toMatch(/^Plaza’s gateway +\d+ µs/m);
    expect(stdout).toMatch(/^Plaza’s gateway, the other build +\d+ µs/m);
    expect(stdout.match(/^now\/before CPU a request +\d+\.\d{3} {2}\(\d/gm)).toHaveLength(2);
    expect(stderr).toMatch(/^ +0 % {2}starting Plaza’s gateway, about \d+ s left\n/);
  });
});
