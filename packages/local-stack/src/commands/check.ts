import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import { discoverWorkspaces } from '../services/workspaces.ts';
import { createTerminalRenderer, type TerminalRenderer } from '../terminal.ts';

interface Check {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
}

/** Runs all checks without servers in parallel, prints their findings, and returns the titles of the failed ones. */
export async function check(): Promise<string[]> {
  const checks = await allChecks();
  const terminal = createTerminalRenderer(Math.max(...checks.map(({ title }) => title.length)));
  const findings = await Promise.all(checks.map((one) => runCheck(one, terminal)));
  for (const finding of findings) if (finding) terminal.line(`\n${finding}`);
  return checks.filter((_, index) => findings[index]).map(({ title }) => title);
}

async function allChecks(): Promise<Check[]> {
  const directories = (await discoverWorkspaces(repositoryRoot)).map(({ directory }) => directory);
  const projects = directories.filter((directory) => existsSync(join(directory, 'tsconfig.json')));
  return [
    { title: 'types', command: ['tsc', '-b', ...projects] },
    { title: 'types of tests', command: ['tsc', '-p', 'tsconfig.tests.json'] },
    { title: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
    {
      title: 'format',
      command: [
        'prettier',
        '--check',
        '--cache',
        '--cache-location=.local/prettier',
        '--log-level=warn',
        '.',
      ],
    },
    { title: 'dead code', command: ['knip'] },
  ];
}

/** The output of the check if it failed. */
async function runCheck(
  { title, command: [name, ...args] }: Check,
  terminal: TerminalRenderer,
): Promise<string | undefined> {
  const step = terminal.startStep(title);
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((settle) => {
    const path = join(repositoryRoot, 'node_modules/.bin', name);
    execFile(path, args, { cwd: repositoryRoot, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const printed = `${stdout}${stderr}`.trim();
      settle({ failed: error !== null, output: printed || (error?.message ?? '') });
    });
  });
  if (!failed) {
    step.succeed('');
    return undefined;
  }
  step.fail([name, ...args.filter((arg) => !arg.startsWith('/'))].join(' '));
  return output;
}
