import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const checkout = resolve(import.meta.dirname, '../..');

export interface ReadmeCommand {
  /** What a reader pastes into a shell. */
  readonly command: string;
  /** The answer that the page shows below it, in which `…` stands for anything. */
  readonly answer: unknown;
}

/** The commands of a page that have an answer: a block of `sh` with one of `json` or `text` right after it. */
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

/** Runs all commands in one shell, in order, as a reader would; gives what each one printed. */
export async function runCommands(steps: readonly ReadmeCommand[], gateway: string): Promise<unknown[]> {
  const script = steps
    .map(({ command }) => command.replaceAll('localhost:3000', new URL(gateway).host))
    .join(`\nprintf '\\n${MARK}\\n'\n`);
  const { stdout } = await run('bash', ['-eu', '-c', script], { timeout: 60_000 });
  return stdout.split(`${MARK}\n`).map((answer) => parseOutput(answer.trim()));
}

const parseOutput = (answer: string): unknown => (answer.startsWith('{') ? JSON.parse(answer) : answer);

/** Whether an answer is the one that the page shows. */
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
