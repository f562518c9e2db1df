import { readFile } from 'node:fs/promises';

/** The end of a log, indented, for an error message. */
export async function readLastLines(path: string, count = 10): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-count);
  return [...lines, `(from ${path})`].map((line) => `  ${line}`).join('\n');
}
