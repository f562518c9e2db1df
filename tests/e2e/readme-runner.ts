import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const checkout = resolve(import.meta.dirname, '../..');

export interface ReadmeCommand {
  /** The shell command. */
  readonly command: string;
  /** The output on the page below it, in which `…` stands for any text. */
  readonly answer: unknown;
}

/** The commands of a page with output: a block of `sh`, followed directly by one of `json` or `text`. */
export async function extractCommands(page: string): Promise<ReadmeCommand[]> {
  const text = await readFile(resolve(checkout, page), 'utf8');
  const blocks = text.matchAll(/```sh\n([^`]*)```\s+```(json|text)\n([^`]*)```/g);
  return [...blocks].map(([, command = '', kind, answer = '']) => ({
    command,
    answer: kind === 'json' ? JSON.parse(answer) : answer.trim(),
  }));
}

const run = promisify(execFile);
const MARK = '@@@';

/** Runs all commands in one shell, in order; returns the output of each. */
export async function runCommands(steps: readonly ReadmeCommand[], gateway: string): Promise<unknown[]> {
  const script = steps
    .map(({ command }) => command.replaceAll('localhost:3000', new URL(gateway).host))
    .join(`\nprintf '\\n${MARK}\\n'\n`);
  const { stdout } = await run('bash', ['-eu', '-c', script], { timeout: 60_000 });
  return stdout.split(`${MARK}\n`).map((answer) => parseOutput(answer.trim()));
}

const parseOutput = (answer: string): unknown => (answer.startsWith('{') ? JSON.parse(answer) : answer);

/** The differences between the actual output and the one on the page. */
export function diffOutput(actual: unknown, shown: unknown, path = '$'): string[] {
  if (typeof shown === 'string' && shown.includes('…')) {
    const pattern = shown
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('.+');
    return new RegExp(`^${pattern}$`).test(String(actual))
      ? []
      : [`${path} is ${JSON.stringify(actual)}, shown as ${shown}`];
  }
  if (typeof shown !== 'object' || shown === null || typeof actual !== 'object' || actual === null) {
    return actual === shown
      ? []
      : [`${path} is ${JSON.stringify(actual)}, shown as ${JSON.stringify(shown)}`];
  }
  const [left, right] = [new Map(Object.entries(actual)), new Map(Object.entries(shown))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    diffOutput(left.get(key), right.get(key), `${path}.${key}`),
  );
}
